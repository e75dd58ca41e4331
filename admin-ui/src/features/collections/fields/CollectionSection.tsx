import { Link, useNavigate } from '@tanstack/react-router';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keys, toApiError, type Collection } from '@/api';
import { Button, buttonClass, Callout, ConfirmSheet, TextField } from '@/components';
import { messages } from '@/messages.en';
import { useEditing } from '../shape/useDraft';
import { useRecordCount } from '../useCollections';

const words = messages.fields.collection;

const relationsTo = (collection: Collection, collections: readonly Collection[]): string[] =>
  collections
    .filter(({ id, type }) => id !== collection.id && type !== 'view')
    .flatMap(({ name, fields }) =>
      fields
        .filter((field) => field.type === 'relation' && field.collectionId === collection.id)
        .map((field) => `${name}.${field.name}`),
    );

type DeleteSheetProps = {
  collection: Collection;
  collections: readonly Collection[];
  onCancel: () => void;
  onDeleted: () => void;
};

const DeleteSheet = ({ collection, collections, onCancel, onDeleted }: DeleteSheetProps) => {
  const client = useQueryClient();
  const { data: count } = useRecordCount(collection);
  const remove = useMutation({
    mutationFn: () => api.collections.delete(collection.id),
    onSuccess: () => {
      onDeleted();
      client.setQueryData<Collection[]>(keys.collections(), (all = []) =>
        all.filter(({ id }) => id !== collection.id),
      );
      void client.invalidateQueries({ queryKey: keys.collections() });
    },
  });
  const used = relationsTo(collection, collections);
  const body = () => {
    if (collection.type === 'view') return words.deleteView(collection.name);
    return count === undefined
      ? words.deleteUnknown(collection.name)
      : words.deleteBody(collection.name, count);
  };
  return (
    <ConfirmSheet
      title={words.deleteTitle(collection.name)}
      cancel={messages.common.cancel}
      act={words.deleteAct}
      typed={collection.name}
      busy={remove.isPending}
      onCancel={onCancel}
      onConfirm={() => remove.mutate()}
    >
      <p>{body()}</p>
      {used.length === 0 ? null : <Callout tone="warn">{words.deleteUsed(used)}</Callout>}
      {remove.error ? (
        <Callout tone="danger" detail={messages.errors.detail(toApiError(remove.error))}>
          {words.notDeleted}
        </Callout>
      ) : null}
    </ConfirmSheet>
  );
};

/** The name of a collection, and what can be done to it as a whole. */
export const CollectionSection = ({ collections }: { collections: readonly Collection[] }) => {
  const { collection, draft, problems, update, discard } = useEditing();
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-title font-semibold">{words.title}</h2>
      <div className="max-w-120">
        <TextField
          label={words.name}
          value={draft.name}
          disabled={collection.system}
          error={problems.name}
          hint={collection.system ? words.systemName : words.renameHint}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={({ target }) => update((before) => ({ ...before, name: target.value }))}
        />
      </div>
      <div className="flex flex-wrap gap-2">
        <Link
          to="/new"
          search={{ from: collection.id }}
          title={words.duplicateHint}
          className={buttonClass()}
        >
          {words.duplicate}
        </Link>
        {collection.system ? null : (
          <Button look="dangerOutline" onClick={() => setDeleting(true)}>
            {words.delete}
          </Button>
        )}
      </div>
      {isDeleting ? (
        <DeleteSheet
          collection={collection}
          collections={collections}
          onCancel={() => setDeleting(false)}
          onDeleted={() => {
            discard();
            void navigate({ to: '/c', replace: true });
          }}
        />
      ) : null}
    </section>
  );
};
