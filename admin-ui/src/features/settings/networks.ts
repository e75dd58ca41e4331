// Lists of addresses and networks, as the server reads them: to say beforehand whom a list lets in.

type Network = { isV6: boolean; bits: bigint; length: number };

const v4Bits = (text: string): bigint | null => {
  const parts = text.split('.');
  if (
    parts.length !== 4 ||
    !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  ) {
    return null;
  }
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
};

const v6Bits = (text: string): bigint | null => {
  let canonical: string;
  try {
    // The browser's own parser of addresses in URLs writes every form the same way.
    canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return null;
  }
  const [before = '', after] = canonical.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [head, tail] = [groups(before), groups(after ?? '')];
  const all = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
};

const mapped = 0xffffn << 32n;

const parse = (text: string): Network | null => {
  const [address = '', prefix, ...rest] = text.split('/');
  if (rest.length > 0) return null;
  const v4 = v4Bits(address);
  const bits = v4 ?? (/^[\da-f:.]+$/i.test(address) ? v6Bits(address) : null);
  if (bits === null) return null;
  const longest = v4 === null ? 128 : 32;
  if (prefix !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return null;
  const length = prefix === undefined ? longest : Number(prefix);
  if (length > longest) return null;
  // An IPv4 address written as IPv6 is the IPv4 address.
  if (v4 === null && length >= 96 && bits >> 32n === mapped >> 32n) {
    return { isV6: false, bits: bits & 0xffffffffn, length: length - 96 };
  }
  return { isV6: v4 === null, bits, length };
};

/** Whether the text is an address, or a network such as `10.0.0.0/8`. */
export const isNetwork = (text: string): boolean => parse(text) !== null;

/** Whether a list lets an address in; an empty list lets everyone in. */
export const letsIn = (list: readonly string[], address: string): boolean => {
  if (list.length === 0) return true;
  const own = parse(address);
  if (own === null) return false;
  return list.some((text) => {
    const network = parse(text);
    if (network?.isV6 !== own.isV6) return false;
    const shift = BigInt((own.isV6 ? 128 : 32) - network.length);
    return network.bits >> shift === own.bits >> shift;
  });
};

/** The entries of a text with one on each line. */
export const linesOf = (text: string): string[] =>
  text
    .split(/[\n,;]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
