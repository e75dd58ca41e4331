import { useState } from 'react';
import { messages } from '@/messages.en';
import { withRemoved, type DraftField } from '../shape/draft';
import { useEditing } from '../shape/useDraft';
import { useCollections } from '../useCollections';
import { CollectionSection } from './CollectionSection';
import { DeleteFieldSheet } from './DeleteFieldSheet';
import { FieldList } from './FieldList';
import { IndexList } from './IndexList';
import { ViewQuery } from './ViewQuery';

/** The fields of a collection, or the query of a view. */
export const FieldsPage = () => {
  const { collection, stored, draft, problems, revision, update } = useEditing();
  const { data: collections = [] } = useCollections();
  const [deleted, setDeleted] = useState<DraftField | null>(null);
  const targets = collections.filter(({ type }) => type !== 'view');
  return (
    <div key={revision} className="flex w-full max-w-232 flex-col gap-8 p-4 sm:p-5 lg:p-6">
      {collection.type === 'view' ? (
        <ViewQuery
          query={draft.viewQuery}
          error={problems.viewQuery}
          onChange={(viewQuery) => update((before) => ({ ...before, viewQuery }))}
        />
      ) : (
        <>
          <section className="flex flex-col gap-2">
            <h2 className="sr-only">{messages.fields.list}</h2>
            {problems.fields === undefined ? null : (
              <p className="text-grid text-danger">{problems.fields}</p>
            )}
            <FieldList
              draft={draft}
              stored={stored}
              targets={targets}
              problems={problems}
              onUpdate={update}
              onDelete={setDeleted}
            />
          </section>
          <IndexList draft={draft} problems={problems} onUpdate={update} />
        </>
      )}
      <CollectionSection collections={collections} />
      {deleted ? (
        <DeleteFieldSheet
          field={deleted}
          draft={draft}
          collection={collection}
          collections={collections}
          onCancel={() => setDeleted(null)}
          onDelete={() => {
            update((before) => withRemoved(before, deleted.key));
            setDeleted(null);
          }}
        />
      ) : null}
    </div>
  );
};
