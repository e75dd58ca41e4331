import { useState } from 'react';
import { ApiError, toApiError, type Settings, type SettingsPatch } from '@/api';
import { problemOfField, type Problems } from './fieldErrors';
import { useChangeSettings } from './useSettings';

type Fault = { error: ApiError; problems: Problems };

/** Names the keys of a draft that differ from what is stored. */
export const changedKeys = <T extends object>(draft: T, stored: T): (keyof T)[] =>
  (Object.keys(draft) as (keyof T)[]).filter(
    (key) => JSON.stringify(draft[key]) !== JSON.stringify(stored[key]),
  );

type Options<T> = {
  settings: Settings;
  /** What a page shows of the settings, as text and switches. */
  read: (settings: Settings) => T;
  /** What to send for the changed keys; or what is wrong before anything is sent, by the path of the setting. */
  write: (draft: T, changed: ReadonlySet<keyof T>) => { patch: SettingsPatch } | { problems: Problems };
};

/** What was typed on a page of settings, until it is saved or undone. */
export const useSettingsDraft = <T extends object>({ settings, read, write }: Options<T>) => {
  const [typed, setTyped] = useState<Partial<T>>({});
  const [fault, setFault] = useState<Fault | null>(null);
  const [attempt, setAttempt] = useState(0);
  const change = useChangeSettings();

  const stored = read(settings);
  const draft: T = { ...stored, ...typed };
  const changed = changedKeys(draft, stored);

  const fail = (next: Fault) => {
    setFault(next);
    setAttempt(attempt + 1);
  };
  const save = async () => {
    const result = write(draft, new Set(changed));
    if ('problems' in result) {
      const fields = Object.fromEntries(
        Object.entries(result.problems).map(([path, message]) => [path, { code: '', message, params: {} }]),
      );
      fail({ error: new ApiError(400, '', fields), problems: result.problems });
      return;
    }
    try {
      await change.mutateAsync(result.patch);
      setTyped({});
      setFault(null);
    } catch (error) {
      const failure = toApiError(error);
      const problems = Object.fromEntries(
        Object.entries(failure.fields).map(([path, field]) => [path, problemOfField(field)]),
      );
      fail({ error: failure, problems });
    }
  };
  return {
    draft,
    stored,
    set: (values: Partial<T>) => setTyped((before) => ({ ...before, ...values })),
    /** For when the places that the problems name have moved. */
    forgetProblems: () => setFault(null),
    problems: fault?.problems ?? {},
    form: {
      changes: changed.length,
      isSaving: change.isPending,
      error: fault?.error ?? null,
      attempt,
      onUndo: () => {
        setTyped({});
        setFault(null);
      },
    },
    save,
  };
};
