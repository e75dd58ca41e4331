import { useSyncExternalStore } from 'react';

const useMediaQuery = (query: string): boolean =>
  useSyncExternalStore(
    (listener) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    () => window.matchMedia(query).matches,
  );

/** Whether the main pointer is a finger, which needs bigger targets. */
export const useCoarsePointer = (): boolean => useMediaQuery('(pointer: coarse)');

export type Form = 'phone' | 'tablet' | 'desktop';

/** Which of the three layouts the window has room for. */
export const useForm = (): Form => {
  const desktop = useMediaQuery('(min-width: 1024px)');
  const tablet = useMediaQuery('(min-width: 640px)');
  if (desktop) return 'desktop';
  return tablet ? 'tablet' : 'phone';
};
