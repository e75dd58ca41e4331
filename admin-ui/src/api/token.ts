/** What a token says about itself, unverified; null when it is no token. */
export const tokenClaims = (token: string): Record<string, unknown> | null => {
  try {
    const payload = token.split('.')[1] ?? '';
    const bytes = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const text = new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
    const claims: unknown = JSON.parse(text);
    const isObject = typeof claims === 'object' && claims !== null && !Array.isArray(claims);
    return isObject ? (claims as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};

/** When a token stops counting, in milliseconds; null when it is no token or never stops. */
export const tokenExpiry = (token: string): number | null => {
  const expiry = tokenClaims(token)?.exp;
  return typeof expiry === 'number' ? expiry * 1000 : null;
};

export const isExpired = (token: string, now = Date.now()): boolean => {
  const expiry = tokenExpiry(token);
  return expiry !== null && expiry <= now;
};
