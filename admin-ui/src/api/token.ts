/** When a token stops counting, in milliseconds; null when it is no token or never stops. */
export const tokenExpiry = (token: string): number | null => {
  try {
    const payload = token.split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return null;
    return typeof claims.exp === 'number' ? claims.exp * 1000 : null;
  } catch {
    return null;
  }
};

export const isExpired = (token: string, now = Date.now()): boolean => {
  const expiry = tokenExpiry(token);
  return expiry !== null && expiry <= now;
};
