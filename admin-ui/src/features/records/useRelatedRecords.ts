import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, keys, type Collection, type RecordData } from '@/api';
import { titleFields } from './columns';
import { idsFilter, wordsFilter } from './filterText';

/** As many as a filter of the greatest length has room for. */
const asked = 80;
const found = 20;
/** Typing on before this has passed asks nothing. */
const settleAfter = 150;

/** The records behind ids; those that came along already are not asked for again. */
export const useRelatedRecords = (
  target: Collection | undefined,
  ids: readonly string[],
  expanded: readonly RecordData[] | undefined,
) => {
  const open = ids.filter((id) => expanded?.some((one) => one.id === id) !== true).slice(0, asked);
  const { data } = useQuery({
    queryKey: keys.records.related(target?.id ?? '', open.join(' ')),
    queryFn: ({ signal }) =>
      api.records.page(
        target?.name ?? '',
        { page: 1, perPage: asked, filter: idsFilter(open), skipTotal: true },
        { signal },
      ),
    enabled: target !== undefined && open.length > 0,
    staleTime: 30_000,
    // While a record is added, the names of the others stay.
    placeholderData: keepPreviousData,
  });
  return {
    recordOf: (id: string): RecordData | undefined =>
      expanded?.find((one) => one.id === id) ?? data?.items.find((one) => one.id === id),
    /** Whether an id without a record means that there is none. */
    isKnown: open.length === 0 || data !== undefined,
  };
};

const useSettledText = (text: string): string => {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), settleAfter);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
};

/** Records of a collection by what names them; without words, the newest. */
export const useFoundRecords = (target: Collection | undefined, text: string, isWanted: boolean) => {
  const settled = useSettledText(text.trim());
  const titles = target ? titleFields(target) : [];
  const idField = target?.fields.filter(({ name }) => name === 'id') ?? [];
  const { data, isFetching, isError } = useQuery({
    queryKey: keys.records.search(target?.id ?? '', settled),
    queryFn: ({ signal }) =>
      api.records.page(
        target?.name ?? '',
        {
          page: 1,
          perPage: found,
          filter: wordsFilter([...titles, ...idField], settled),
          sort: target?.type === 'view' ? '' : '-@rowid',
          skipTotal: true,
        },
        { signal },
      ),
    enabled: target !== undefined && isWanted,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  });
  const records = data?.items ?? [];
  return { records, isFetching, isError, hasMore: records.length === found };
};
