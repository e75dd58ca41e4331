import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, keys, toApiError, type ApiError, type Collection, type Page, type RecordData } from '@/api';
import { expandParam, fieldsParam, type Column } from './columns';
import { serverSort } from './sort';
import { asList } from './values';

const noRecords: readonly RecordData[] = [];
const perPage = 100;
const pagesKept = 20;
const settleAfter = 120;
const idsPerPage = 500;

export type Rows = {
  /** Undefined until the first page is there. */
  total: number | undefined;
  rowAt: (index: number) => RecordData | undefined;
  /** The first page. */
  sample: readonly RecordData[];
  /** The place of a loaded record, or -1. */
  indexOf: (id: string) => number;
  /** The first page could not be loaded: there is nothing to show. */
  error: ApiError | null;
  /** A later page could not be loaded: there are gaps. */
  hasGaps: boolean;
  /** What is shown belongs to the question before. */
  isStale: boolean;
  isFetching: boolean;
  reload: () => void;
  /** All records that are loaded, in no order. */
  loaded: () => RecordData[];
  /** The ids of the rows from `start` up to, not including, `end`, loaded or not. */
  idsBetween: (start: number, end: number) => Promise<string[]>;
};

/** The pages the rows `start` to `end` lie on, with one more in reach on either side. */
export const pagesFor = (start: number, end: number, total: number): number[] => {
  const last = Math.max(1, Math.ceil(total / perPage));
  const from = Math.max(1, Math.floor((start - perPage / 4) / perPage) + 1);
  const to = Math.min(last, Math.floor((end + perPage / 2) / perPage) + 1);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
};

type Range = { start: number; end: number };

/** The range once it stopped moving: dragging the scrollbar past 50,000 rows must not ask for all of them. */
const useSettled = ({ start, end }: Range): Range => {
  const [settled, setSettled] = useState({ start, end });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ start, end }), settleAfter);
    return () => clearTimeout(timer);
  }, [start, end]);
  return settled;
};

type Question = {
  collection: Collection;
  collections: readonly Collection[];
  columns: readonly Column[];
  sort: string;
  /** Empty for all records. */
  filter: string;
};

/** The records of a collection as one long list, of which the pages around `range` are loaded. */
export const useRecordRows = (question: Question, range: Range): Rows => {
  const { collection, collections, columns, sort, filter } = question;
  const asked = {
    sort: serverSort(collection, sort),
    filter,
    expand: expandParam(collection),
    fields: fieldsParam(columns, collections),
  };
  const list = JSON.stringify(asked);
  const queryClient = useQueryClient();
  const { start, end } = useSettled(range);

  const pageQuery = (page: number) => ({
    queryKey: keys.records.page(collection.id, list, page),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.records.page(collection.name, { ...asked, page, perPage, skipTotal: page > 1 }, { signal }),
    staleTime: 30_000,
    // Rows must not move under the hand; the reload button asks again.
    refetchOnWindowFocus: false,
  });

  const first = useQuery({
    ...pageQuery(1),
    // Another order keeps the old rows, dimmed; another collection has other columns, so nothing can be kept.
    placeholderData: (previous: Page<RecordData> | undefined, previousQuery) =>
      previousQuery?.queryKey[1] === collection.id ? previous : undefined,
  });
  const total = first.data?.totalItems;
  const wanted = first.isPlaceholderData ? [] : pagesFor(start, end, total ?? 0).filter((page) => page > 1);
  const later = useQueries({ queries: wanted.map(pageQuery) });

  const middle = wanted[Math.floor(wanted.length / 2)] ?? 1;
  useEffect(() => {
    const cache = queryClient.getQueryCache();
    const idle = cache
      .findAll({ queryKey: keys.records.pages(collection.id, list), type: 'inactive' })
      .map((query) => ({ query, distance: Math.abs(Number(query.queryKey.at(-1)) - middle) }))
      .sort((a, b) => a.distance - b.distance);
    for (const { query } of idle.slice(pagesKept)) cache.remove(query);
  }, [queryClient, collection.id, list, middle]);

  const pageItems = (page: number): RecordData[] | undefined =>
    page === 1
      ? first.data?.items
      : queryClient.getQueryData<Page<RecordData>>(keys.records.page(collection.id, list, page))?.items;

  const rowAt = (index: number): RecordData | undefined =>
    pageItems(Math.floor(index / perPage) + 1)?.[index % perPage];

  const loadedPages = (): number[] => [1, ...wanted];

  const idsBetween = async (from: number, past: number): Promise<string[]> => {
    const known = Array.from({ length: past - from }, (_, step) => rowAt(from + step)?.id);
    if (!known.includes(undefined)) return known.filter((id) => id !== undefined);
    const ids: string[] = [];
    const firstPage = Math.floor(from / idsPerPage) + 1;
    for (let page = firstPage; (page - 1) * idsPerPage < past; page++) {
      const answer = await api.records.page(collection.name, {
        page,
        perPage: idsPerPage,
        sort: asked.sort,
        filter,
        fields: 'id',
        skipTotal: true,
      });
      ids.push(...answer.items.map(({ id }) => id));
    }
    const offset = (firstPage - 1) * idsPerPage;
    return ids.slice(from - offset, past - offset);
  };

  return {
    total,
    sample: first.data?.items ?? noRecords,
    rowAt,
    loaded: () => loadedPages().flatMap((page) => pageItems(page) ?? []),
    idsBetween,
    indexOf: (id) => {
      for (const page of loadedPages()) {
        const index = pageItems(page)?.findIndex((record) => record.id === id) ?? -1;
        if (index >= 0) return (page - 1) * perPage + index;
      }
      return -1;
    },
    error: first.data === undefined && first.error ? toApiError(first.error) : null,
    hasGaps: later.some(({ isError }) => isError) || (first.data !== undefined && first.isError),
    isStale: first.isPlaceholderData,
    isFetching: first.isFetching || later.some(({ isFetching }) => isFetching),
    reload: () => void queryClient.invalidateQueries({ queryKey: keys.records.all(collection.id) }),
  };
};

/** One record in full, with the records it points to; without an id, none. */
export const useRecord = (collection: Collection, id: string | undefined) =>
  useQuery({
    queryKey: keys.records.one(collection.id, id ?? ''),
    queryFn: ({ signal }) => api.records.one(collection.name, id ?? '', expandParam(collection), { signal }),
    enabled: id !== undefined,
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  });

/** A short-lived token for the URLs of protected files, renewed while a screen needs it. */
export const useFileToken = (
  collection: Collection,
  records: readonly (RecordData | undefined)[],
): string | undefined => {
  const isNeeded = collection.fields.some(
    (field) =>
      field.type === 'file' &&
      field.protected &&
      records.some((record) => asList(record?.[field.name]).length > 0),
  );
  const { data } = useQuery({
    queryKey: keys.fileToken(),
    queryFn: ({ signal }) => api.files.token({ signal }),
    enabled: isNeeded,
    staleTime: 100_000,
    refetchInterval: 120_000,
  });
  return data?.token;
};
