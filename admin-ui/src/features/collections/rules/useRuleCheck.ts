import { useQuery } from '@tanstack/react-query';
import { api, keys, type Collection, type Rule, type RuleTest } from '@/api';
import { useSettled } from '../useSettled';

const pause = 250;

/** What the server says about a rule that is being typed; undefined while all is well, or nothing is known. */
export const useRuleCheck = (collection: Collection, rule: Rule): string | undefined => {
  const settled = useSettled(rule, pause);
  // A record that is about to be created needs no record that is there, so an empty collection can be checked, too.
  const test: RuleTest = { action: 'create', rule: settled, caller: null };
  const { data } = useQuery({
    queryKey: keys.ruleTest(collection.id, test),
    queryFn: ({ signal }) => api.collections.testRule(collection.id, test, { signal }),
    enabled: settled !== null && settled.trim() !== '' && collection.type !== 'view',
    retry: false,
  });
  if (settled !== rule || data?.reason !== 'invalid_rule') return undefined;
  return data.error ?? undefined;
};
