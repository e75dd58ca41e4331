import { useQueries } from '@tanstack/react-query';
import { api, keys, type Collection, type RelationField } from '@/api';
import { quoted } from './filterText';

export type Consequence = {
  collection: string;
  field: string;
  /** Whether what points here is deleted as well, or only loses what it points to. */
  deletes: boolean;
  /** Undefined while it is counted, and when it cannot be. */
  count: number | undefined;
};

/** More ids than this make a filter that is too long to be taken. */
const countedAtMost = 60;

type Pointer = { collection: Collection; field: RelationField };

const pointers = (target: Collection, collections: readonly Collection[]): Pointer[] =>
  collections
    .filter(({ type }) => type !== 'view')
    .flatMap((collection) =>
      collection.fields.flatMap((field) =>
        field.type === 'relation' && field.collectionId === target.id ? [{ collection, field }] : [],
      ),
    );

/** What else changes when these records are deleted. */
export const useConsequences = (
  target: Collection,
  collections: readonly Collection[],
  ids: readonly string[],
) => {
  const all = pointers(target, collections);
  const isCounted = ids.length <= countedAtMost;
  const counts = useQueries({
    queries: all.map(({ collection, field }) => ({
      queryKey: [...keys.records.pointing(collection.id, field.name), ids] as const,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.records.page(
          collection.name,
          {
            page: 1,
            perPage: 1,
            fields: 'id',
            filter: ids
              .map((id) => `${field.name}${field.maxSelect > 1 ? ':each ?=' : ' ='} ${quoted(id)}`)
              .join(' || '),
          },
          { signal },
        ),
      enabled: isCounted,
      staleTime: 0,
      gcTime: 0,
    })),
  });
  const consequences = all.map(({ collection, field }, index): Consequence => ({
    collection: collection.name,
    field: field.name,
    deletes: field.cascadeDelete === true,
    count: counts[index]?.data?.totalItems,
  }));
  return {
    /** What points nowhere is of no consequence. */
    consequences: consequences.filter(({ count }) => count !== 0),
    isCounting: isCounted && counts.some(({ isPending }) => isPending),
  };
};
