import { useSyncExternalStore } from 'react';

export type Stored<T> = {
  get: () => T;
  set: (value: T) => void;
  subscribe: (listener: () => void) => () => void;
};

/** A value of this browser that outlives the page. What cannot be read counts as not set. */
export const stored = <T extends string | number | boolean>(
  key: string,
  initial: T,
  isValid: (value: unknown) => value is T,
): Stored<T> => {
  const load = (): T => {
    try {
      const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
      return isValid(value) ? value : initial;
    } catch {
      return initial;
    }
  };
  let current = load();
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set: (value) => {
      current = value;
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Without storage the choice lasts as long as the page.
      }
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

export const useStored = <T>({ get, set, subscribe }: Stored<T>): [T, (value: T) => void] => [
  useSyncExternalStore(subscribe, get),
  set,
];

export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
