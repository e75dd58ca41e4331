/** Where to go after signing in: only screens of this dashboard, never another site and not the sign-in itself. */
export const safeNext = (next: unknown): string => {
  const isOwn = typeof next === 'string' && /^\/(?:c|settings)(?:[/?]|$)/.test(next) && !/[\\\s]/.test(next);
  return isOwn ? next : '/c';
};
