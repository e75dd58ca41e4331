import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { api, keys, type Collection, type Page, type RecordData, type RecordWrite } from '@/api';
import { expandParam } from './columns';
import { asText, plainText } from './values';

type UploadOptions = NonNullable<Parameters<typeof api.records.create>[3]>;
type Save = { id: string | undefined; write: RecordWrite; options?: UploadOptions };

/** A record as lists have it: of rich text only the words. */
const asRow = (collection: Collection, record: RecordData): RecordData => {
  const row = { ...record };
  for (const { name, type } of collection.fields) {
    if (type === 'editor') row[name] = plainText(asText(record[name]));
  }
  return row;
};

const isPage = (value: unknown): value is Page<RecordData> =>
  typeof value === 'object' && value !== null && 'items' in value;

/** Writes a saved record into the pages that show it; rows keep their places until the list is asked for again. */
export const keepRecord = (client: QueryClient, collection: Collection, record: RecordData): void => {
  client.setQueryData(keys.records.one(collection.id, record.id), record);
  const row = asRow(collection, record);
  client.setQueriesData({ queryKey: keys.records.lists(collection.id) }, (page: unknown) => {
    if (!isPage(page) || !page.items.some(({ id }) => id === row.id)) return page;
    return { ...page, items: page.items.map((item) => (item.id === row.id ? row : item)) };
  });
};

/** Other collections may show what was changed here. */
const forgetRelated = (client: QueryClient, collection: Collection): void =>
  void client.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] === 'records' && queryKey[1] !== collection.id,
    refetchType: 'none',
  });

export const useSaveRecord = (collection: Collection) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, write, options = {} }: Save) =>
      id === undefined
        ? api.records.create(collection.name, write, expandParam(collection), options)
        : api.records.update(collection.name, id, write, expandParam(collection), options),
    onSuccess: (record, { id }) => {
      keepRecord(client, collection, record);
      forgetRelated(client, collection);
      if (id === undefined) {
        // A new record has a place of its own in the list, and counts.
        void client.invalidateQueries({ queryKey: keys.records.lists(collection.id) });
        void client.invalidateQueries({ queryKey: keys.records.count(collection.id) });
      }
    },
  });
};
