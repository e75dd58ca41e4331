import type { Collection } from '@/api';
import { ConfirmSheet } from '@/components';
import { messages } from '@/messages.en';
import type { Draft, DraftField } from '../shape/draft';
import { useRecordCount } from '../useCollections';
import { isIndexOf } from './IndexList';

const words = messages.fields.remove;

/** Whether a text of code speaks of a name. */
export const mentions = (code: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(code);

/** What would miss the field: its indexes, the rules of the collection, views that read it. */
const usesOf = (
  name: string,
  draft: Draft,
  collections: readonly Collection[],
  collection: string,
): string[] => [
  ...draft.indexes.filter((index) => isIndexOf(index, name)).map((index) => words.index(index.name)),
  ...Object.entries(draft.options)
    .filter(([key, rule]) => key.endsWith('Rule') && typeof rule === 'string' && mentions(rule, name))
    .map(([key]) => {
      const known: Partial<Record<string, string>> = messages.fields.optionNames;
      return words.rule(known[key] ?? key);
    }),
  ...collections
    .filter(
      ({ viewQuery }) =>
        viewQuery !== undefined && mentions(viewQuery, collection) && mentions(viewQuery, name),
    )
    .map((view) => words.view(view.name)),
];

type DeleteFieldSheetProps = {
  field: DraftField;
  draft: Draft;
  collection: Collection;
  collections: readonly Collection[];
  onCancel: () => void;
  onDelete: () => void;
};

/** Says what is lost with a field before it is marked for deletion. */
export const DeleteFieldSheet = (props: DeleteFieldSheetProps) => {
  const { field, draft, collection, collections, onCancel, onDelete } = props;
  const { name, type } = field.data;
  const { data: count } = useRecordCount(collection);
  const uses = usesOf(name, draft, collections, collection.name);
  return (
    <ConfirmSheet
      title={words.title(name)}
      cancel={messages.common.cancel}
      act={words.act}
      typed={name}
      onCancel={onCancel}
      onConfirm={onDelete}
    >
      <p>
        {count === undefined
          ? words.lostUnknown(name, collection.name)
          : words.lost(name, collection.name, count)}
        {type === 'file' ? ` ${words.files}` : null}
      </p>
      {uses.length === 0 ? null : (
        <div>
          <h3 className="text-grid font-medium">{words.usedBy}</h3>
          <ul className="list-disc ps-5">
            {uses.map((use) => (
              <li key={use} className="break-words">
                {use}
              </li>
            ))}
          </ul>
        </div>
      )}
    </ConfirmSheet>
  );
};
