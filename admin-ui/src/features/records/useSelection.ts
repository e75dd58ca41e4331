import { useRef, useState } from 'react';
import { toApiError, type ApiError } from '@/api';
import type { Rows } from './useRecords';

const none: ReadonlySet<string> = new Set();

/** The records that are chosen for an act on all of them, by id: they stay chosen wherever they are scrolled to. */
export const useSelection = (rows: Rows) => {
  const [ids, setIds] = useState(none);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  /** Where the next range begins. */
  const anchor = useRef(0);

  const fetchAnd = async (start: number, end: number, keep: (found: string[]) => void) => {
    setBusy(true);
    setError(null);
    try {
      keep(await rows.idsBetween(start, end));
    } catch (failure) {
      setError(toApiError(failure));
    } finally {
      setBusy(false);
    }
  };

  return {
    ids,
    count: ids.size,
    isBusy,
    /** Why the last choice of many could not be made. */
    error,
    toggle: (index: number) => {
      const id = rows.rowAt(index)?.id;
      if (id === undefined) return;
      anchor.current = index;
      const next = new Set(ids);
      if (!next.delete(id)) next.add(id);
      setIds(next);
    },
    /** From the row that was chosen last to this one. */
    rangeTo: (index: number) => {
      const [start, end] = [Math.min(anchor.current, index), Math.max(anchor.current, index) + 1];
      void fetchAnd(start, end, (found) => setIds(new Set([...ids, ...found])));
    },
    startRangeAt: (index: number) => {
      anchor.current = index;
    },
    allLoaded: () => setIds(new Set(rows.loaded().map(({ id }) => id))),
    /** Every record of the list, loaded or not. */
    all: () => void fetchAnd(0, rows.total ?? 0, (found) => setIds(new Set(found))),
    clear: () => {
      setIds(none);
      setError(null);
    },
    without: (gone: readonly string[]) => {
      const next = new Set(ids);
      for (const id of gone) next.delete(id);
      setIds(next);
    },
  };
};

export type Selection = ReturnType<typeof useSelection>;
