import { api, type Collection, type RecordData } from '@/api';
import { idsFilter } from './filterText';

/** As many as a filter has room for. */
const atOnce = 60;

/** The records as they are stored, in the order of their ids in the list. */
export const recordsOf = async (collection: Collection, ids: readonly string[]): Promise<RecordData[]> => {
  const found = new Map<string, RecordData>();
  for (let from = 0; from < ids.length; from += atOnce) {
    const { items } = await api.records.page(collection.name, {
      page: 1,
      perPage: atOnce,
      filter: idsFilter(ids.slice(from, from + atOnce)),
      skipTotal: true,
    });
    for (const record of items) found.set(record.id, record);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
};

/** Gives text to the browser to keep as a file. */
export const saveText = (name: string, text: string, type: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
};
