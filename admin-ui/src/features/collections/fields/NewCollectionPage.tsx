import { useMutation, useQuery } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import {
  api,
  keys,
  toApiError,
  type ApiError,
  type Collection,
  type CollectionPatch,
  type CollectionType,
} from '@/api';
import { Button, ConfirmSheet, ErrorState, Segments, TextField, useTitle } from '@/components';
import { messages } from '@/messages.en';
import { SaveProblem } from '../shape/ChangeBar';
import { withAdded } from '../shape/addField';
import { nextKey, readDraft, toNewCollection, type Draft } from '../shape/draft';
import { newField } from '../shape/fieldOptions';
import { checkDraft, placeProblems, type Problems } from '../shape/problems';
import { ownFault, useCollectionChanged } from '../shape/useDraft';
import { useCollections } from '../useCollections';
import { FieldList } from './FieldList';
import { IndexList } from './IndexList';
import type { NewFieldHandle } from './NewFieldLine';
import { ViewQuery } from './ViewQuery';

const words = messages.fields.create;

const types: readonly CollectionType[] = ['base', 'auth', 'view'];

const dates = () => [
  { ...newField('created', 'autodate'), onCreate: true, onUpdate: false },
  { ...newField('updated', 'autodate'), onCreate: true, onUpdate: true },
];

/** What the server makes of itself, and the dates nearly every collection wants. */
const draftOf = (scaffold: Collection): Draft => {
  const draft = readDraft(scaffold);
  const system = draft.fields.map((field) => ({ ...field, key: nextKey(), isNew: true }));
  const added = scaffold.type === 'view' ? [] : dates();
  return {
    ...draft,
    fields: [...system, ...added.map((data) => ({ key: nextKey(), data, isNew: true, isRemoved: false }))],
    // The indexes of accounts carry the name of the collection; the server makes them.
    indexes: [],
    // Everything else is what the server starts with in any case.
    options: {},
  };
};

/** A draft with everything another collection has, but its identity. */
const copyOf = (collection: Collection): Draft => {
  const draft = readDraft(collection);
  return {
    ...draft,
    name: words.copyOf(collection.name),
    fields: draft.fields.map((field) => ({
      ...field,
      key: nextKey(),
      isNew: true,
      data: field.data.system ? field.data : { ...field.data, id: '' },
    })),
    indexes: draft.indexes
      .filter(
        ({ columns }) => !(collection.type === 'auth' && /^`?(?:tokenKey|email)`?$/.test(columns.join())),
      )
      .map((index) => ({ ...index, key: nextKey(), stored: null, name: `${index.name}_copy` })),
  };
};

type FormProps = {
  type: CollectionType;
  initial: Draft;
  collections: readonly Collection[];
  onName: (name: string) => void;
  onType: ((type: CollectionType) => void) | undefined;
  onCreated: (collection: Collection) => void;
};

const Form = ({ type, initial, collections, onName, onType, onCreated }: FormProps) => {
  const [base] = useState(initial);
  const [draft, setDraft] = useState(base);
  const [fault, setFault] = useState<{ error: ApiError; problems: Problems; attempt: number } | null>(null);
  const line = useRef<NewFieldHandle>(null);
  const form = useRef<HTMLFormElement>(null);
  const isCreated = useRef(false);
  const onChanged = useCollectionChanged();
  const create = useMutation({ mutationFn: (body: CollectionPatch) => api.collections.create(body) });
  const problems = fault?.problems ?? {};
  const isTouched = draft !== base;
  const attempt = fault?.attempt ?? 0;

  useEffect(() => {
    if (attempt > 0) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [attempt]);

  const blocker = useBlocker({
    shouldBlockFn: ({ next }) =>
      isTouched && !isCreated.current && next.pathname !== '/new' && next.pathname !== '/login',
    enableBeforeUnload: isTouched,
    withResolver: true,
  });
  const fail = (next: { error: ApiError; problems: Problems }) => setFault({ ...next, attempt: attempt + 1 });

  const submit = async (current: Draft) => {
    const wrong = checkDraft(current);
    if (wrong.name !== undefined) {
      fail(ownFault({ ...wrong, name: words.nameMissing }));
      return;
    }
    if (Object.keys(wrong).length > 0) {
      fail(ownFault(wrong));
      return;
    }
    const outgoing = toNewCollection(current, type);
    try {
      const created = await create.mutateAsync(outgoing.patch);
      isCreated.current = true;
      onChanged(created);
      onCreated(created);
    } catch (error) {
      const failure = toApiError(error);
      fail({ error: failure, problems: placeProblems(failure, outgoing) });
    }
  };

  const start = () => {
    if (create.isPending) return;
    const typed = line.current?.take() ?? 'nothing';
    if (typed === 'wrong') return;
    const next = typed === 'nothing' ? draft : withAdded(draft, typed.name, typed.type);
    setDraft(next);
    void submit(next);
  };

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) form.current?.requestSubmit();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <>
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
        className="min-h-0 flex-1 scroll-pb-24 overflow-y-auto"
      >
        <div className="flex w-full max-w-232 flex-col gap-6 p-4 sm:p-5 lg:p-6">
          <div className="grid items-start gap-4 sm:grid-cols-2">
            <TextField
              label={words.name}
              value={draft.name}
              error={problems.name}
              hint={words.nameHint}
              autoFocus
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              onKeyDown={(event) => {
                // The name is followed by the fields, not by the collection.
                if (event.key !== 'Enter' || type === 'view') return;
                event.preventDefault();
                line.current?.focus();
              }}
              onChange={({ target }) => {
                setDraft((before) => ({ ...before, name: target.value }));
                onName(target.value);
              }}
            />
            {onType ? (
              <div>
                <Segments
                  label={words.type}
                  value={type}
                  options={types.map((value) => ({ value, label: words.types[value] }))}
                  onChange={onType}
                />
                <p className="pt-1 text-meta text-muted">{words.typeHints[type]}</p>
              </div>
            ) : null}
          </div>
          {type === 'view' ? (
            <ViewQuery
              query={draft.viewQuery}
              error={problems.viewQuery}
              onChange={(viewQuery) => setDraft((before) => ({ ...before, viewQuery }))}
            />
          ) : (
            <>
              <section className="flex flex-col gap-2">
                <h2 className="text-title font-semibold">{words.fieldsTitle}</h2>
                {problems.fields === undefined ? null : (
                  <p className="text-grid text-danger">{problems.fields}</p>
                )}
                <FieldList
                  draft={draft}
                  stored={{ ...base, fields: [] }}
                  targets={collections.filter((one) => one.type !== 'view')}
                  problems={problems}
                  newField={line}
                  onUpdate={setDraft}
                  onDelete={() => undefined}
                />
              </section>
              <IndexList draft={draft} problems={problems} onUpdate={setDraft} />
            </>
          )}
        </div>
      </form>
      <div className="flex shrink-0 flex-col gap-2 border-t border-line bg-surface px-4 py-2 sm:px-5 lg:px-6">
        {fault ? <SaveProblem error={fault.error} problems={fault.problems} /> : null}
        <div className="flex items-center gap-3">
          <p className="me-auto text-meta text-muted">{words.rulesNote}</p>
          <Button
            look="accent"
            busy={create.isPending}
            title={messages.settings.saveShortcut}
            onClick={start}
          >
            {create.isPending ? words.acting : words.act}
          </Button>
        </div>
      </div>
      {blocker.status === 'blocked' ? (
        <ConfirmSheet
          title={messages.fields.leave.title}
          cancel={messages.fields.leave.stay}
          act={messages.fields.discard}
          onCancel={blocker.reset}
          onConfirm={blocker.proceed}
        >
          <p>{words.leaveBody}</p>
        </ConfirmSheet>
      ) : null}
    </>
  );
};

type NewCollectionPageProps = {
  type: CollectionType;
  /** The id of a collection to start from. */
  from: string | undefined;
  onType: (type: CollectionType) => void;
  onCreated: (collection: Collection) => void;
};

/** A collection that does not exist yet: typed from its name to its last field. */
export const NewCollectionPage = ({ type, from, onType, onCreated }: NewCollectionPageProps) => {
  useTitle(words.title);
  // What was typed as a name outlives a change of the type.
  const [name, setName] = useState('');
  const { data: collections } = useCollections();
  const { data, error, refetch } = useQuery({
    queryKey: keys.scaffolds(),
    queryFn: ({ signal }) => api.collections.scaffolds({ signal }),
    staleTime: Infinity,
  });
  const source = from === undefined ? undefined : collections?.find(({ id }) => id === from);
  const body = () => {
    if (error && !data) return <ErrorState error={toApiError(error)} onRetry={() => void refetch()} />;
    if (!data || !collections) return null;
    const chosen = source?.type ?? type;
    return (
      <Form
        key={source?.id ?? chosen}
        type={chosen}
        initial={source ? copyOf(source) : { ...draftOf(data[chosen]), name }}
        onName={setName}
        collections={collections}
        onType={source ? undefined : onType}
        onCreated={onCreated}
      />
    );
  };
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center border-b border-line bg-surface px-4 sm:px-5 lg:px-6">
        <h1 className="text-title font-semibold">{words.title}</h1>
      </header>
      {body()}
    </div>
  );
};
