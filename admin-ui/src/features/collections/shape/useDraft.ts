import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useState } from 'react';
import { ApiError, api, keys, toApiError, type Collection } from '@/api';
import { changesOf, type Change } from './changes';
import { isSame, readDraft, toPatch, type Draft } from './draft';
import { checkDraft, placeProblems, type Problems } from './problems';

/** What was typed and not saved, by the id of the collection: it outlives a session that ends in the middle. */
const unsaved = new Map<string, Partial<Draft>>();

type Fault = { error: ApiError; problems: Problems };

/** The fault of things that are seen to be wrong before anything is sent. */
export const ownFault = (problems: Problems): Fault => {
  const fields = Object.fromEntries(
    Object.entries(problems).map(([path, message]) => [path, { code: '', message, params: {} }]),
  );
  return { error: new ApiError(400, '', fields), problems };
};

/** Keeps what the server answered in the list everyone reads, and has everything else about collections read again. */
export const useCollectionChanged = () => {
  const client = useQueryClient();
  return (changed: Collection) => {
    client.setQueryData<Collection[]>(keys.collections(), (all = []) =>
      all.some(({ id }) => id === changed.id)
        ? all.map((one) => (one.id === changed.id ? changed : one))
        : [...all, changed],
    );
    // Views follow the collections they read.
    void client.invalidateQueries({ queryKey: keys.collections() });
    void client.invalidateQueries({ queryKey: keys.records.all(changed.id) });
  };
};

/** One draft for all tabs of a collection, until it is saved or discarded. */
export const useDraft = (collection: Collection) => {
  const [typed, setTyped] = useState<Partial<Draft>>(() => unsaved.get(collection.id) ?? {});
  const [fault, setFault] = useState<Fault | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [revision, setRevision] = useState(0);
  const onChanged = useCollectionChanged();
  const change = useMutation({
    mutationFn: (patch: Record<string, unknown>) => api.collections.change(collection.id, patch),
  });

  const stored = readDraft(collection);
  const draft: Draft = { ...stored, ...typed };
  const changes: Change[] = changesOf(draft, stored);

  useEffect(() => {
    if (Object.keys(typed).length > 0) unsaved.set(collection.id, typed);
    else unsaved.delete(collection.id);
  }, [collection.id, typed]);

  const forget = () => {
    // At once, because leaving comes before the effect.
    unsaved.delete(collection.id);
    setTyped({});
    setFault(null);
    setRevision((before) => before + 1);
  };
  const fail = (next: Fault) => {
    setFault(next);
    setAttempt((before) => before + 1);
  };

  const save = async (): Promise<Collection | null> => {
    const wrong = checkDraft(draft);
    if (Object.keys(wrong).length > 0) {
      fail(ownFault(wrong));
      return null;
    }
    const outgoing = toPatch(draft, stored);
    try {
      const saved = await change.mutateAsync(outgoing.patch);
      onChanged(saved);
      forget();
      return saved;
    } catch (error) {
      const failure = toApiError(error);
      fail({ error: failure, problems: placeProblems(failure, outgoing) });
      return null;
    }
  };

  return {
    collection,
    stored,
    draft,
    changes,
    /** Changes with every discard and save, for inputs that keep text of their own. */
    revision,
    attempt,
    problems: fault?.problems ?? {},
    error: fault?.error ?? null,
    isSaving: change.isPending,
    update: (edit: (before: Draft) => Draft) =>
      setTyped((before) => {
        const next = edit({ ...stored, ...before });
        const entries = Object.entries(next).filter(
          ([key, value]) => !isSame(value, stored[key as keyof Draft]),
        );
        return Object.fromEntries(entries);
      }),
    save,
    discard: forget,
  };
};

export type CollectionEditing = ReturnType<typeof useDraft>;

export const EditingContext = createContext<CollectionEditing | null>(null);

/** The collection that the tabs around are about, and what is being done to it. */
export const useEditing = (): CollectionEditing => {
  const editing = use(EditingContext);
  if (!editing) throw new Error('outside of a collection');
  return editing;
};
