import { useQuery } from '@tanstack/react-query';
import { api, keys, type Collection } from '@/api';

const freshFor = 60_000;

const collator = new Intl.Collator(undefined, { numeric: true });
const byName = (one: Collection, two: Collection): number => collator.compare(one.name, two.name);

/** All collections of the server, by name. */
export const useCollections = () =>
  useQuery({
    queryKey: keys.collections(),
    queryFn: async ({ signal }) => (await api.collections.all({ signal })).sort(byName),
    staleTime: freshFor,
  });

/** The collection an address names: by id, or by name in any case, as the server looks it up. */
export const findCollection = (
  collections: readonly Collection[],
  nameOrId: string,
): Collection | undefined =>
  collections.find(({ id }) => id === nameOrId) ??
  collections.find(({ name }) => name.toLowerCase() === nameOrId.toLowerCase());

/** The number of records, or undefined until it is known. */
export const useRecordCount = (collection: Collection) =>
  useQuery({
    queryKey: keys.records.count(collection.id),
    queryFn: async ({ signal }) => {
      const params = { page: 1, perPage: 1, fields: 'id' };
      return (await api.records.page(collection.name, params, { signal })).totalItems;
    },
    staleTime: freshFor,
  });
