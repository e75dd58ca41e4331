import { useRef, useState } from 'react';
import { ApiError, toApiError, type Collection, type RecordData } from '@/api';
import {
  draftOf,
  isChanged,
  isEditable,
  writeOf,
  type Drafts,
  type FieldDraft,
  type Problems,
} from './draft';
import { problemsOf } from './recordProblems';
import { useSaveRecord } from './useSaveRecord';

type Options = {
  collection: Collection;
  /** Null for one that is being made. */
  record: RecordData | null;
  /** What a new record begins with. */
  initial?: Drafts;
};

type Fault = { error: ApiError | null; problems: Problems };

const noDrafts: Drafts = {};

/** What was typed into a record, until it is saved or undone. */
export const useRecordDraft = ({ collection, record, initial = noDrafts }: Options) => {
  const [typed, setTyped] = useState<Drafts>(initial);
  const [fault, setFault] = useState<Fault | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [sent, setSent] = useState(0);
  const stop = useRef<AbortController>(null);
  const save = useSaveRecord(collection);

  const fields = collection.fields.filter(
    (field) => isEditable(field, collection) || (record === null && field.name === 'id'),
  );
  const stored = (name: string): FieldDraft => {
    const field = collection.fields.find((one) => one.name === name);
    return field ? draftOf(field, record?.[name]) : { kind: 'text', text: '' };
  };
  const changed = fields.filter((field) => {
    const now = typed[field.name];
    return now !== undefined && isChanged(field, stored(field.name), now);
  });
  // In the order in which they are sent.
  const files = fields.flatMap(({ name }) => {
    const draft = typed[name];
    return draft?.kind === 'files'
      ? draft.files.flatMap((entry) => (entry.kind === 'new' ? [entry] : []))
      : [];
  });

  const fail = (next: Fault) => {
    setFault(next);
    setAttempt(attempt + 1);
  };

  /** Answers with the record as it is stored now; null when it was not saved. */
  const submit = async (): Promise<RecordData | null> => {
    const drafts = Object.fromEntries(changed.map(({ name }) => [name, typed[name] ?? stored(name)]));
    const result = writeOf(collection, drafts);
    if ('problems' in result) {
      fail({ error: null, problems: result.problems });
      return null;
    }
    stop.current = new AbortController();
    setSent(0);
    try {
      const answer = await save.mutateAsync({
        id: record?.id,
        write: result.write,
        options: { signal: stop.current.signal, onProgress: setSent },
      });
      setTyped(noDrafts);
      setFault(null);
      return answer;
    } catch (error) {
      const isStopped = stop.current.signal.aborted;
      const failure = toApiError(error);
      fail({
        error: isStopped ? new ApiError(0, 'stopped') : failure,
        problems: isStopped ? {} : problemsOf(collection, failure),
      });
      return null;
    }
  };

  return {
    fields,
    draft: (name: string): FieldDraft => typed[name] ?? stored(name),
    stored,
    set: (name: string, value: FieldDraft) => {
      setTyped((before) => ({ ...before, [name]: value }));
      // What is typed next deserves to be looked at anew.
      setFault((before) => {
        if (before?.problems[name] === undefined) return before;
        const others = Object.entries(before.problems).filter(([other]) => other !== name);
        return others.length === 0 ? null : { ...before, problems: Object.fromEntries(others) };
      });
    },
    undo: () => {
      setTyped(noDrafts);
      setFault(null);
    },
    changed,
    files,
    /** Bytes of the files that have left the browser. */
    sent,
    stop: () => stop.current?.abort(),
    isSaving: save.isPending,
    error: fault?.error ?? null,
    problems: fault?.problems ?? {},
    attempt,
    submit,
  };
};

export type RecordDraft = ReturnType<typeof useRecordDraft>;
