// Numbers, dates and plurals in the reader's own locale; the words are in `messages.en.ts`.

const language = 'en';
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat();
const integers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat(undefined, { maximumFractionDigits: 20 });
const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const moments = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });

export type PluralForms = { one: string; other: string };

/** Picks the form for a count and puts the grouped count in place of `#`. */
export const plural = (count: number, forms: PluralForms): string =>
  (plurals.select(count) === 'one' ? forms.one : forms.other).replace('#', numbers.format(count));

export const formatCount = (count: number): string => numbers.format(count);
export const formatNumber = (value: number, onlyInt: boolean): string =>
  (onlyInt ? integers : decimals).format(value);

const aligned = [0, 1, 2, 3, 4].map(
  (digits) => new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: 20 }),
);

/** How many decimals a column needs for its numbers to stand point under point; long fractions are left as they are. */
export const decimalsOf = (values: readonly number[]): number => {
  const digits = values.map((value) => /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0);
  const most = Math.max(0, ...digits);
  return most < aligned.length ? most : 0;
};

export const formatAligned = (value: number, digits: number): string =>
  (aligned[digits] ?? decimals).format(value);

/** Reads a date of the wire (`2024-01-15 10:00:00.000Z`); null when it is empty or none. */
export const parseDate = (value: unknown): Date | null => {
  if (typeof value !== 'string' || value === '') return null;
  const date = new Date(value.replace(' ', 'T'));
  return Number.isNaN(date.getTime()) ? null : date;
};

export const formatDay = (date: Date): string => days.format(date);
export const formatMoment = (date: Date): string => moments.format(date);
export const formatUtc = (date: Date): string =>
  `${date.toISOString().replace('T', ' ').replace('.000Z', '').replace('Z', '')} UTC`;

const span = (unit: 'second' | 'minute' | 'hour') =>
  new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });

/** "30 seconds", "4 minutes": rounded up, because it says how long to wait or how long something counts. */
export const formatSpan = (seconds: number): string => {
  if (seconds <= 90) return span('second').format(seconds);
  const minutes = Math.ceil(seconds / 60);
  return minutes <= 90 ? span('minute').format(minutes) : span('hour').format(Math.ceil(minutes / 60));
};

const unit = (name: 'second' | 'minute' | 'hour' | 'day') =>
  new Intl.NumberFormat(language, {
    style: 'unit',
    unit: name,
    unitDisplay: 'long',
    maximumFractionDigits: 1,
  });

/** "3 minutes", "5 days": how long a number of seconds is, in the largest fitting unit. */
export const formatDuration = (seconds: number): string => {
  if (seconds < 120) return unit('second').format(seconds);
  if (seconds < 7200) return unit('minute').format(seconds / 60);
  return seconds < 172_800 ? unit('hour').format(seconds / 3600) : unit('day').format(seconds / 86_400);
};

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** "3 hours ago" within a week, the day after that. */
export const formatAge = (date: Date, now = Date.now()): string => {
  const distance = date.getTime() - now;
  const [day, hour, minute, second] = units;
  if (!day || !hour || !minute || !second || Math.abs(distance) >= 7 * day[1]) return formatDay(date);
  const [unit, length] = [day, hour, minute].find(([, size]) => Math.abs(distance) >= size) ?? second;
  return relative.format(Math.round(distance / length), unit);
};

const sizes: readonly [Intl.NumberFormat, number][] = (['megabyte', 'kilobyte', 'byte'] as const).map(
  (unit, index) => [
    new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: unit === 'byte' ? 0 : 1 }),
    1000 ** (2 - index),
  ],
);

/** "1.4 MB", "820 kB", "12 byte". */
export const formatBytes = (bytes: number): string => {
  const [format, size] = sizes.find(([, least]) => bytes >= least) ?? [integers, 1];
  return format.format(bytes / size);
};

/** The zone this browser is in, such as "Europe/Berlin". */
export const timeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
