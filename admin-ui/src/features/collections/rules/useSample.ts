import { useQueries, useQuery } from '@tanstack/react-query';
import { api, keys, type Collection, type RecordData, type RuleTest, type RuleVerdict } from '@/api';

const sampled = 10;
const names = ['title', 'name', 'email', 'username', 'label', 'number', 'slug'];

/** What people call a record: its presentable fields, a likely one, or its id. */
export const titleOf = (record: RecordData, { fields }: Collection): string => {
  const marked = fields.filter(({ presentable }) => presentable).map(({ name }) => name);
  const found = (marked.length > 0 ? marked : names)
    .map((name) => record[name])
    .filter((text): text is string => typeof text === 'string' && text !== '');
  const texts = marked.length > 0 ? found : found.slice(0, 1);
  return texts.length === 0 ? record.id : texts.join(' · ');
};

/** The newest records, to try a rule on. */
export const useSample = (collection: Collection, isWanted = true) =>
  useQuery({
    queryKey: keys.records.sample(collection.id),
    queryFn: async ({ signal }) => {
      const sort = collection.type === 'view' ? '' : '-@rowid';
      const page = { page: 1, perPage: sampled, sort };
      return (await api.records.page(collection.name, page, { signal })).items;
    },
    enabled: isWanted,
  });

/** What a rule says to each of some requests. */
export const useVerdicts = (collection: Collection, tests: readonly RuleTest[]) =>
  useQueries({
    queries: tests.map((test) => ({
      queryKey: keys.ruleTest(collection.id, test),
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<RuleVerdict> =>
        api.collections.testRule(collection.id, test, { signal }),
      retry: false,
    })),
  });
