import { useQueries } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import {
  api,
  keys,
  type Collection,
  type RecordData,
  type Rule,
  type RuleAction,
  type RuleVerdict,
} from '@/api';
import { Icon, SelectField } from '@/components';
import { messages } from '@/messages.en';
import { useSettled } from '../useSettled';
import { Explanation } from './Explanation';
import { titleOf, useSample, useVerdicts } from './useSample';

const words = messages.rules.tester;
const pause = 300;
const accountsOfEach = 20;

type Account = { key: string; collection: Collection; id: string; name: string };

/** Accounts to try a rule as: the newest ones of each collection of accounts. */
const useAccounts = (collections: readonly Collection[]): Account[] => {
  const auths = collections.filter(({ type, system }) => type === 'auth' && !system);
  const answers = useQueries({
    queries: auths.map((auth) => ({
      queryKey: keys.records.accounts(auth.id),
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const page = { page: 1, perPage: accountsOfEach, sort: '-@rowid', skipTotal: true };
        return (await api.records.page(auth.name, page, { signal })).items;
      },
    })),
  });
  return auths.flatMap((collection, index) =>
    (answers[index]?.data ?? []).map((record) => {
      const email = typeof record.email === 'string' && record.email !== '' ? record.email : null;
      const name = email ?? titleOf(record, collection);
      return { key: `${collection.id} ${record.id}`, collection, id: record.id, name };
    }),
  );
};

const Answer = ({ verdict }: { verdict: RuleVerdict | undefined }) => {
  if (!verdict) return <span className="text-grid text-muted">{messages.common.dash}</span>;
  return (
    <span className={`flex items-center gap-1 text-grid ${verdict.allowed ? 'text-ok' : 'text-danger'}`}>
      <Icon name={verdict.allowed ? 'tick' : 'close'} className="size-3.5" />
      {verdict.allowed ? words.yes : words.no}
    </span>
  );
};

type SampleTestProps = {
  collection: Collection;
  records: readonly RecordData[];
  verdicts: readonly (RuleVerdict | undefined)[];
};

const SampleTest = ({ collection, records, verdicts }: SampleTestProps) => {
  const [open, setOpen] = useState<string | null>(null);
  const isDone = verdicts.every((verdict) => verdict !== undefined);
  const passed = verdicts.filter((verdict) => verdict?.allowed).length;
  return (
    <>
      <p role="status" className="font-medium">
        {isDone ? words.passes(passed, records.length) : words.testing}
      </p>
      <ul className="overflow-hidden rounded-panel border border-line bg-surface">
        {records.map((record, index) => {
          const explanation = verdicts[index]?.explanation;
          const title = titleOf(record, collection);
          return (
            <li key={record.id} className="border-b border-line last:border-b-0">
              <button
                type="button"
                aria-expanded={open === record.id}
                onClick={() => setOpen(open === record.id ? null : record.id)}
                className="flex min-h-9 w-full items-center justify-between gap-3 rounded-control px-3 text-start -outline-offset-2 hover:bg-sunken coarse:min-h-11"
              >
                <span className="min-w-0 truncate text-grid">{title}</span>
                <Answer verdict={verdicts[index]} />
              </button>
              {open === record.id && explanation ? (
                <div
                  role="region"
                  aria-label={words.why(title)}
                  className="border-t border-line bg-sunken p-3"
                >
                  <Explanation part={explanation} />
                </div>
              ) : null}
            </li>
          );
        })}
      </ul>
    </>
  );
};

type RuleTesterProps = {
  collection: Collection;
  collections: readonly Collection[];
  action: RuleAction;
  rule: Rule;
  hasUnsavedFields: boolean;
};

/** What a rule says to whom: tried on the newest records, as it stands in the editor. */
export const RuleTester = (props: RuleTesterProps) => {
  const { collection, collections, action, hasUnsavedFields } = props;
  const rule = useSettled(props.rule, pause);
  const [asKey, setAsKey] = useState('');
  const accounts = useAccounts(collections);
  const account = accounts.find(({ key }) => key === asKey);
  const caller = account ? { collection: account.collection.name, id: account.id } : null;
  const isTestable = rule !== null && rule.trim() !== '';
  const isCreate = action === 'create';
  const sample = useSample(collection, !isCreate);
  const records = isCreate ? [] : (sample.data ?? []);
  const tests = isCreate
    ? [{ action, rule, caller }]
    : records.map(({ id }) => ({ action, rule, caller, record: id }));
  const answers = useVerdicts(collection, isTestable ? tests : []);
  const verdicts = answers.map(({ data }) => data);
  const first = verdicts[0];

  const body = (): ReactNode => {
    if (rule === null) return <p>{words.superusers}</p>;
    if (rule === '') return <p>{words.everyone}</p>;
    if (!isTestable) return <p className="text-muted">{words.unwritten}</p>;
    if (answers.some(({ isError }) => isError)) return <p className="text-danger">{words.failed}</p>;
    if (first?.reason === 'invalid_rule') {
      return <p className="text-danger">{words.invalid}</p>;
    }
    if (!isCreate && records.length === 0) {
      return sample.isPending ? null : <p className="text-muted">{words.noRecords}</p>;
    }
    if (!isCreate) return <SampleTest collection={collection} records={records} verdicts={verdicts} />;
    if (!first) return <p role="status">{words.testing}</p>;
    return (
      <>
        <p role="status" className="font-medium">
          {first.allowed ? words.createPasses : words.createFails}
        </p>
        {first.explanation ? (
          <div className="rounded-panel border border-line bg-surface p-3">
            <Explanation part={first.explanation} />
          </div>
        ) : null}
      </>
    );
  };

  return (
    <section aria-label={words.title} className="flex min-w-0 flex-col gap-3">
      <div>
        <h3 className="text-title font-semibold">{words.title}</h3>
        <p className="text-meta text-muted">{words.onDraft}</p>
        {hasUnsavedFields ? <p className="text-meta text-warn">{words.oldFields}</p> : null}
      </div>
      <SelectField
        label={words.as}
        value={account ? asKey : ''}
        options={[
          { value: '', label: words.guest },
          ...accounts.map((one) => ({ value: one.key, label: words.account(one.collection.name, one.name) })),
        ]}
        onChange={setAsKey}
      />
      {body()}
    </section>
  );
};
