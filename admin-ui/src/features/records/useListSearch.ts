import { useEffect, useRef, useState } from 'react';
import { api, toApiError, type Collection } from '@/api';
import {
  joinConditions,
  looksLikeFilter,
  readFilterProblem,
  splitConditions,
  type FilterProblem,
} from './filterRead';
import type { ListQuery } from './hrefs';

/** Typing on before this has passed asks nothing. */
const settleAfter = 150;

type Reading = 'words' | 'filter';

type Options = {
  collection: Collection;
  query: ListQuery;
  onQuery: (query: ListQuery, replace?: boolean) => void;
};

export type SearchProblem = FilterProblem & { text: string; isRefused: boolean };

/** What stands in the search box, how it is read, and the conditions already taken. */
export const useListSearch = ({ collection, query, onQuery }: Options) => {
  const words = query.q ?? '';
  const [text, setText] = useState(words);
  const [seen, setSeen] = useState(words);
  // What this box itself put into the address last: only other changes of it come back into the box.
  const [sent, setSent] = useState(words);
  const [chosen, setChosen] = useState<Reading | null>(null);
  const [problem, setProblem] = useState<SearchProblem | null>(null);
  const [isChecking, setChecking] = useState(false);
  // Another address, as by going back, has other words.
  if (words !== seen) {
    setSeen(words);
    if (words !== sent) {
      setSent(words);
      setText(words);
    }
  }
  const isAmbiguous = looksLikeFilter(text);
  const reading: Reading = isAmbiguous ? (chosen ?? 'filter') : 'words';
  const wanted = reading === 'words' ? text.trim() : '';
  const conditions = splitConditions(query.filter ?? '');

  const latest = useRef({ query, onQuery });
  useEffect(() => {
    latest.current = { query, onQuery };
  });
  useEffect(() => {
    const timer = setTimeout(() => {
      const { query: now, onQuery: change } = latest.current;
      if ((now.q ?? '') === wanted) return;
      setSent(wanted);
      change({ ...now, q: wanted }, true);
    }, settleAfter);
    return () => clearTimeout(timer);
  }, [wanted]);

  const setConditions = (next: readonly string[], q = words) => {
    setProblem(null);
    setSent(q);
    onQuery({ ...query, q, filter: joinConditions(next) });
  };

  /** Takes what is typed for a condition, if the server accepts it; else what is shown stays, and it is told why. */
  const take = async (): Promise<void> => {
    const condition = text.trim();
    setChecking(true);
    setProblem(null);
    try {
      await api.records.page(collection.name, {
        page: 1,
        perPage: 1,
        fields: 'id',
        filter: condition,
        skipTotal: true,
      });
      setText('');
      setChosen(null);
      setConditions([...conditions, condition], '');
    } catch (error) {
      const failure = toApiError(error);
      setProblem({
        ...readFilterProblem(failure.message),
        text: condition,
        isRefused: failure.kind === 'invalid',
      });
    } finally {
      setChecking(false);
    }
  };

  return {
    text,
    reading,
    /** Whether it could be read either way. */
    isAmbiguous,
    problem,
    isChecking,
    conditions,
    setText: (next: string) => {
      setText(next);
      setProblem(null);
      if (!looksLikeFilter(next)) setChosen(null);
    },
    setReading: setChosen,
    submit: () => {
      if (reading === 'filter' && !isChecking) void take();
    },
    addCondition: (condition: string) => {
      if (!conditions.includes(condition)) setConditions([...conditions, condition]);
    },
    removeCondition: (condition: string) => setConditions(conditions.filter((one) => one !== condition)),
    /** Back into the box, to be changed. */
    editCondition: (condition: string) => {
      setText(condition);
      setConditions(
        conditions.filter((one) => one !== condition),
        '',
      );
    },
    clear: () => {
      setText('');
      setChosen(null);
      setProblem(null);
      setSent('');
      onQuery({ ...query, q: '', filter: '' });
    },
  };
};

export type ListSearch = ReturnType<typeof useListSearch>;
