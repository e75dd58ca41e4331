import { useEffect, useId, useRef } from 'react';
import type { ApiError, Collection, Field, RecordData } from '@/api';
import { Button, Callout, UnsavedGuard } from '@/components';
import { messages } from '@/messages.en';
import type { CellContext } from './CellValue';
import { FieldControl, StoredField } from './controls/FieldControl';
import { isChanged, type Drafts } from './draft';
import { useRecordDraft } from './useRecordDraft';

const words = messages.recordEditor;

// An account is known by its address; its password comes after that, whatever the order in the schema.
const accountOrder = ['email', 'emailVisibility', 'verified', 'password'];

const ordered = (collection: Collection): Field[] => {
  const fields = collection.fields.filter(({ name }) => name !== 'tokenKey' && name !== 'id');
  const first = collection.type === 'auth' ? accountOrder : [];
  const rank = ({ name }: Field) => (first.includes(name) ? first.indexOf(name) : first.length);
  const id = collection.fields.filter(({ name }) => name === 'id');
  return [...fields].sort((one, two) => rank(one) - rank(two)).concat(id);
};

const summaryOf = (error: ApiError): string => {
  if (error.message === 'stopped' && error.kind === 'offline') return words.stopped;
  switch (error.kind) {
    case 'offline':
      return words.offline;
    case 'tooMany':
      return messages.auth.tooMany(error.retryAfter);
    case 'refused':
    case 'signedOut':
      return words.refused;
    case 'missing':
      return words.missing;
    case 'failed':
    case 'invalid':
      return words.failed;
  }
};

/** Puts the focus into a field's control. */
const focusField = (form: HTMLElement | null, selector: string) => {
  const frame = form?.querySelector<HTMLElement>(selector);
  const controls = 'input:not([aria-hidden=true]), textarea, select, button, a[href]';
  frame?.scrollIntoView({ block: 'nearest' });
  frame?.querySelector<HTMLElement>(controls)?.focus();
};

type RecordFormProps = {
  /** Null for a record that is being made. */
  record: RecordData | null;
  initial?: Drafts;
  context: CellContext;
  isWide: boolean;
  /** Kept, with what was typed, while something else is shown. */
  isHidden?: boolean;
  onSaved: (record: RecordData) => void;
  /** What stands above the fields. */
  note?: string | undefined;
};

/** The fields of a record with their controls, and the bar that saves them. */
export const RecordForm = (props: RecordFormProps) => {
  const { record, initial, context, isWide, isHidden = false, onSaved, note } = props;
  const { collection } = context;
  const form = useRef<HTMLFormElement>(null);
  const formId = useId();
  const isNew = record === null;
  const editor = useRecordDraft({ collection, record, ...(initial ? { initial } : {}) });
  const { changed, problems, error, attempt, isSaving, files, sent } = editor;
  // What was just saved is not unsaved work, though the page may be left before this form hears of it.
  const isSaved = useRef(false);
  const wrong = Object.keys(problems).filter((name) => editor.fields.some((field) => field.name === name));

  useEffect(() => {
    if (attempt > 0) focusField(form.current, '[data-invalid=true]');
  }, [attempt]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) form.current?.requestSubmit();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  const save = async () => {
    if (isSaving || (changed.length === 0 && !isNew)) return;
    const saved = await editor.submit();
    if (!saved) return;
    isSaved.current = true;
    onSaved(saved);
  };

  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const progressOf = (key: string): number | undefined => {
    if (!isSaving) return undefined;
    const index = files.findIndex((entry) => entry.key === key);
    const before = files.slice(0, Math.max(0, index)).reduce((sum, { file }) => sum + file.size, 0);
    const size = files[index]?.file.size ?? 0;
    return size === 0 ? 1 : Math.max(0, Math.min(1, (sent - before) / size));
  };
  const percent = total === 0 ? 0 : Math.min(100, Math.round((100 * sent) / total));
  const status = () => {
    if (isSaving && files.length > 0) return words.uploading(percent);
    return changed.length === 0 ? null : words.changes(changed.length);
  };
  const saveLabel = () => {
    if (isNew) return isSaving ? words.creating : words.create;
    return isSaving ? words.saving : words.save;
  };

  return (
    <form
      ref={form}
      id={formId}
      noValidate
      hidden={isHidden}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      className={`min-h-0 flex-1 flex-col ${isHidden ? '' : 'flex'}`}
    >
      <div className="min-h-0 flex-1 scroll-pt-2 scroll-pb-4 overflow-y-auto py-2">
        <div className={isWide ? 'mx-auto max-w-160' : ''}>
          {note === undefined ? null : <p className="px-4 pt-1 pb-2 text-grid text-muted">{note}</p>}
          {ordered(collection).map((field) => {
            if (!editor.fields.includes(field)) {
              if (record === null || field.name === 'id') return null;
              return <StoredField key={field.id} field={field} record={record} context={context} />;
            }
            const draft = editor.draft(field.name);
            return (
              <FieldControl
                key={field.id}
                field={field}
                record={record}
                draft={draft}
                isChanged={!isNew && isChanged(field, editor.stored(field.name), draft)}
                error={problems[field.name]}
                context={context}
                progressOf={progressOf}
                onChange={(next) => {
                  isSaved.current = false;
                  editor.set(field.name, next);
                }}
              />
            );
          })}
        </div>
      </div>
      {changed.length > 0 || isNew ? (
        <div className="flex shrink-0 flex-col gap-2 border-t border-line bg-surface px-4 py-2">
          {wrong.length > 0 ? (
            <Callout tone="danger">
              {words.fieldsWrong(wrong.length)}
              {wrong.length < 2 ? null : (
                <span className="ms-1 inline-flex flex-wrap gap-x-2">
                  {wrong.map((name) => (
                    <button
                      key={name}
                      type="button"
                      onClick={() => focusField(form.current, `[data-field="${CSS.escape(name)}"]`)}
                      className="min-h-6 rounded-control underline underline-offset-2 coarse:min-h-11"
                    >
                      {name}
                    </button>
                  ))}
                </span>
              )}
            </Callout>
          ) : error ? (
            <Callout tone="danger" detail={messages.errors.detail(error)}>
              {summaryOf(error)}
            </Callout>
          ) : null}
          <div className={`flex w-full items-center gap-2 ${isWide ? 'mx-auto max-w-160' : ''}`}>
            <span role="status" className="me-auto text-grid text-muted tabular-nums">
              {status()}
            </span>
            {isSaving && files.length > 0 ? (
              <Button onClick={editor.stop}>{words.stopUpload}</Button>
            ) : changed.length > 0 ? (
              <Button onClick={editor.undo}>{words.undo}</Button>
            ) : null}
            <Button type="submit" look="accent" busy={isSaving} title={words.saveShortcut}>
              {saveLabel()}
            </Button>
          </div>
        </div>
      ) : null}
      <UnsavedGuard
        isDirty={() => changed.length > 0 && !isSaved.current}
        words={{
          title: words.leave.title,
          body: words.leave.body(changed.map(({ name }) => name)),
          stay: words.leave.stay,
          discard: words.leave.discard(changed.length),
        }}
      />
    </form>
  );
};
