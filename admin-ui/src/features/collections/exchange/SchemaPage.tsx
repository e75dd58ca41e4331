import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keys, toApiError, type Collection } from '@/api';
import {
  Button,
  buttonClass,
  Callout,
  CodeBlock,
  ConfirmSheet,
  ErrorState,
  Icon,
  Switch,
  TextArea,
  useTitle,
} from '@/components';
import { messages } from '@/messages.en';
import { useCollections, useRecordCount } from '../useCollections';
import { diffImport, readImport, type CollectionDiff } from './importDiff';

const words = messages.schema;

const Choices = ({
  names,
  left,
  onChange,
}: {
  names: readonly string[];
  left: ReadonlySet<string>;
  onChange: (left: Set<string>) => void;
}) => (
  <ul aria-label={words.chosen} className="flex flex-wrap gap-x-4 gap-y-1">
    {names.map((name) => (
      <li key={name}>
        <label className="flex min-h-8 items-center gap-2 text-grid coarse:min-h-11">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={!left.has(name)}
            onChange={({ target }) => {
              const next = new Set(left);
              if (target.checked) next.delete(name);
              else next.add(name);
              onChange(next);
            }}
          />
          {name}
        </label>
      </li>
    ))}
  </ul>
);

const Export = ({ collections }: { collections: readonly Collection[] }) => {
  const [left, setLeft] = useState<ReadonlySet<string>>(
    new Set(collections.filter(({ system }) => system).map(({ name }) => name)),
  );
  const chosen = collections.filter(({ name }) => !left.has(name));
  const text = JSON.stringify(chosen, null, 2);
  const download = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = 'collections.json';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <section className="flex min-w-0 flex-col gap-4">
      <p className="text-muted">{words.exportIntro}</p>
      <Choices names={collections.map(({ name }) => name)} left={left} onChange={setLeft} />
      <div>
        <Button look="accent" onClick={download}>
          {words.download(chosen.length)}
        </Button>
      </div>
      <div className="max-h-120 overflow-y-auto">
        <CodeBlock code={text} label={words.file} />
      </div>
    </section>
  );
};

const LostCount = ({ collection }: { collection: Collection }) => {
  const { data } = useRecordCount(collection);
  return <>{data === undefined ? words.lostUnknown : words.lost(data)}</>;
};

const marks = { added: '+', changed: '~', same: '=', removed: '−' } as const;

const DiffLine = ({ diff }: { diff: CollectionDiff }) => (
  <li
    className={`border-b border-line px-4 py-2 last:border-b-0 ${diff.kind === 'removed' ? 'bg-danger-soft' : ''}`}
  >
    <p className="flex items-center gap-2">
      <span aria-hidden="true" className="w-3 font-mono">
        {marks[diff.kind]}
      </span>
      <span className="min-w-0 truncate font-medium">{diff.name}</span>
      <span className={`text-grid ${diff.kind === 'removed' ? 'text-danger' : 'text-muted'}`}>
        {words.kinds[diff.kind]}
        {diff.kind === 'removed' && diff.stored ? <LostCount collection={diff.stored} /> : null}
      </span>
    </p>
    {diff.changes.length === 0 ? null : (
      <ul className="ps-5 text-grid">
        {diff.changes.map(({ sign, text }, index) => (
          <li key={index} className={`break-words ${sign === '−' ? 'text-danger' : ''}`}>
            <span aria-hidden="true">{sign} </span>
            <span className="sr-only">{messages.fields.changes.signs[sign]}</span>
            {text}
          </li>
        ))}
      </ul>
    )}
  </li>
);

/** Every record of the server may be lost here, so the count is typed. */
const lostThings = (diffs: readonly CollectionDiff[]): string[] =>
  diffs.flatMap(({ kind, name, lostFields }) =>
    kind === 'removed' ? [name] : lostFields.map((field) => `${name}.${field}`),
  );

const Import = ({ collections }: { collections: readonly Collection[] }) => {
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [deletesMissing, setDeletesMissing] = useState(false);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [isAsking, setAsking] = useState(false);
  const items = text.trim() === '' ? [] : readImport(text);
  const all = items ? diffImport(items, collections, deletesMissing) : [];
  // With deletions nothing can be left out: what is not sent would be deleted.
  const isChoosing = !deletesMissing;
  const diffs = isChoosing ? all.filter(({ name }) => !left.has(name)) : all;
  const changed = diffs.filter(({ kind }) => kind !== 'same');
  const lost = lostThings(diffs);
  const run = useMutation({
    mutationFn: () =>
      api.collections.import(
        diffs.flatMap(({ item }) => (item ? [item] : [])),
        deletesMissing,
      ),
    onSuccess: async () => {
      setText('');
      await client.invalidateQueries({ queryKey: keys.collections() });
    },
  });
  const start = () => {
    if (changed.length === 0 || run.isPending) return;
    if (lost.length > 0) setAsking(true);
    else run.mutate();
  };
  return (
    <section className="flex min-w-0 flex-col gap-4">
      <p className="text-muted">{words.importIntro}</p>
      <label
        className={`${buttonClass()} self-start has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus`}
      >
        <Icon name="file" />
        {words.choose}
        <input
          type="file"
          accept="application/json,.json"
          className="sr-only"
          onChange={({ target }) => {
            const file = target.files?.[0];
            if (file) void file.text().then(setText);
            target.value = '';
          }}
        />
      </label>
      <TextArea
        label={words.paste}
        value={text}
        rows={8}
        spellCheck={false}
        error={items === null ? words.unreadable : undefined}
        onChange={({ target }) => {
          setText(target.value);
          run.reset();
        }}
      />
      <Switch
        label={words.deletesMissing}
        hint={words.deletesMissingHint}
        checked={deletesMissing}
        onChange={setDeletesMissing}
      />
      {run.isSuccess && text === '' ? <Callout tone="ok">{words.done}</Callout> : null}
      {all.length === 0 ? null : (
        <>
          <h2 className="text-title font-semibold">{words.would(changed.length)}</h2>
          {isChoosing && all.length > 1 ? (
            <Choices names={all.map(({ name }) => name)} left={left} onChange={setLeft} />
          ) : null}
          <ul aria-label={words.diff} className="overflow-hidden rounded-panel border border-line bg-surface">
            {diffs.map((diff) => (
              <DiffLine key={diff.name} diff={diff} />
            ))}
          </ul>
          {run.error ? (
            <Callout tone="danger" detail={messages.errors.detail(toApiError(run.error))}>
              {words.failed}
            </Callout>
          ) : null}
          {changed.length === 0 ? null : (
            <div>
              <Button look="accent" busy={run.isPending} onClick={start}>
                {words.act(changed.length)}
              </Button>
            </div>
          )}
        </>
      )}
      {isAsking ? (
        <ConfirmSheet
          title={words.ask}
          cancel={messages.common.cancel}
          act={words.act(changed.length)}
          typed={lost.length === 1 ? lost.join() : String(lost.length)}
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            run.mutate();
          }}
        >
          <p className="break-words">{words.askBody(lost)}</p>
        </ConfirmSheet>
      ) : null}
    </section>
  );
};

const tab =
  'flex h-12 shrink-0 items-center border-b-2 border-transparent px-3 text-grid text-muted -outline-offset-2 hover:text-text aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-text';

/** Collections as a file: out of this server, and into it after a look at what it would change. */
export const SchemaPage = ({ part }: { part: 'export' | 'import' }) => {
  useTitle(words.titles[part]);
  const { data, error, refetch } = useCollections();
  const body = () => {
    if (error && !data) return <ErrorState error={toApiError(error)} onRetry={() => void refetch()} />;
    if (!data) return null;
    return part === 'export' ? <Export collections={data} /> : <Import collections={data} />;
  };
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line bg-surface ps-4 sm:ps-5 lg:ps-6">
        <h1 className="min-w-0 truncate text-title font-semibold">{words.titles[part]}</h1>
        <nav aria-label={words.label} className="-mb-px flex">
          <Link to="/schema/export" activeProps={{ 'aria-current': 'page' }} className={tab}>
            {words.export}
          </Link>
          <Link to="/schema/import" activeProps={{ 'aria-current': 'page' }} className={tab}>
            {words.import}
          </Link>
        </nav>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="flex w-full max-w-232 flex-col p-4 sm:p-5 lg:p-6">{body()}</div>
      </div>
    </div>
  );
};
