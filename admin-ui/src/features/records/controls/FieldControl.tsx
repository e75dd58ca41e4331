import { useId } from 'react';
import type { Field, RecordData } from '@/api';
import { formatUtc, timeZone } from '@/locale';
import { messages } from '@/messages.en';
import type { CellContext } from '../CellValue';
import { numberHint, type FieldDraft } from '../draft';
import { FieldValue } from '../FieldValue';
import { parseTypedDate } from '../typedDate';
import { DateControl } from './DateControl';
import { EditorControl } from './EditorControl';
import { FieldFrame } from './FieldFrame';
import { FileControl } from './FileControl';
import { FlagControl } from './FlagControl';
import { JsonControl } from './JsonControl';
import { PasswordControl } from './PasswordControl';
import { PointControl } from './PointControl';
import { RelationControl } from './RelationControl';
import { SelectControl } from './SelectControl';
import { TextControl } from './TextControl';

const words = messages.recordEditor;

/** From this share of the greatest length on, how much is left is told. */
const nearlyFull = 0.8;

const textHint = (field: Field, text: string): string | undefined => {
  if (field.type !== 'text') return undefined;
  const { min = 0, max = 0, pattern = '', primaryKey } = field;
  if (primaryKey) return words.idHint(min === max ? max : 0);
  // As the server counts: characters, not the halves of those beyond the first plane.
  const length = Array.from(text).length;
  if (max > 0 && length > max * nearlyFull) return words.ofCharacters(length, max);
  if (pattern !== '') return words.pattern(pattern);
  return min > 1 ? words.charactersAtLeast(min) : undefined;
};

const hintOf = (field: Field, draft: FieldDraft, isNew: boolean, isAccount: boolean): string | undefined => {
  const text = draft.kind === 'text' ? draft.text : '';
  switch (field.type) {
    case 'text':
      return textHint(field, text);
    case 'number':
      return text.trim() === '' && !isNew ? words.clearedNumber : numberHint(field);
    case 'date': {
      const date = text.trim() === '' ? null : parseTypedDate(text);
      return date ? words.date.stored(formatUtc(date), timeZone()) : words.date.hint(timeZone());
    }
    case 'json':
      return text.trim() === '' ? words.json.hint : undefined;
    case 'geoPoint':
      return words.point.hint;
    case 'password':
      if (isNew) return field.min > 0 ? words.charactersAtLeast(field.min) : undefined;
      return isAccount && field.name === 'password' ? words.password.signsOut : words.password.leave;
    case 'select':
    case 'relation':
      return draft.kind === 'list' && field.maxSelect > 1
        ? words.choice.chosen(draft.values.length, field.maxSelect)
        : undefined;
    default:
      return undefined;
  }
};

type FieldControlProps = {
  field: Field;
  /** Null for a record that is being made. */
  record: RecordData | null;
  draft: FieldDraft;
  isChanged: boolean;
  error: string | undefined;
  context: CellContext;
  progressOf: (key: string) => number | undefined;
  onChange: (draft: FieldDraft) => void;
};

/** The fitting control for a field, in its frame. */
export const FieldControl = (props: FieldControlProps) => {
  const { field, record, draft, isChanged, error, context, progressOf, onChange } = props;
  const id = useId();
  const shared = { id, isInvalid: error !== undefined, describedBy: `${id}-note`, onChange };

  const control = () => {
    switch (draft.kind) {
      case 'flag':
        return <FlagControl {...shared} field={field} draft={draft} />;
      case 'point':
        return <PointControl {...shared} field={field} draft={draft} />;
      case 'files':
        if (field.type !== 'file') return null;
        return (
          <FileControl
            {...shared}
            field={field}
            draft={draft}
            recordId={record?.id ?? null}
            context={context}
            progressOf={progressOf}
          />
        );
      case 'list': {
        if (field.type === 'select') return <SelectControl {...shared} field={field} draft={draft} />;
        if (field.type !== 'relation') return null;
        const expanded = record?.expand?.[field.name];
        return (
          <RelationControl
            {...shared}
            field={field}
            draft={draft}
            collections={context.collections}
            expanded={expanded === undefined || Array.isArray(expanded) ? expanded : [expanded]}
          />
        );
      }
      case 'text': {
        const text = { ...shared, field, draft };
        if (field.type === 'json') return <JsonControl {...text} />;
        if (field.type === 'editor') return <EditorControl {...text} />;
        if (field.type === 'date') return <DateControl {...text} />;
        if (field.type === 'password') return <PasswordControl {...text} isNew={record === null} />;
        return <TextControl {...text} />;
      }
    }
  };

  const isGroup = ['list', 'files', 'point'].includes(draft.kind);
  const hint = hintOf(field, draft, record === null, context.collection.type === 'auth');
  const help = [field.help, hint].filter((text) => text !== undefined && text !== '').join(' ');
  return (
    <FieldFrame
      field={field}
      id={id}
      isGroup={isGroup}
      isChanged={isChanged}
      hint={help === '' ? undefined : help}
      error={error}
    >
      {control()}
    </FieldFrame>
  );
};

type StoredFieldProps = { field: Field; record: RecordData; context: CellContext };

/** A field that only the server sets, as one line among the controls. */
export const StoredField = ({ field, record, context }: StoredFieldProps) => (
  <div className="flex flex-col gap-1 border-s-2 border-transparent px-4 py-2">
    <span className="flex items-baseline gap-2">
      <span className="min-w-0 text-grid font-medium break-all">{field.name}</span>
      <span className="ms-auto shrink-0 font-mono text-meta text-muted">{field.type}</span>
    </span>
    <FieldValue field={field} record={record} context={context} />
    <span className="text-meta text-muted">{words.setByServer}</span>
  </div>
);
