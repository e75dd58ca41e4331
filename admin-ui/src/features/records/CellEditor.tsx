import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RecordData } from '@/api';
import { messages } from '@/messages.en';
import { CellChoice } from './CellChoice';
import type { Column } from './columns';
import { draftOf, type FieldDraft } from './draft';
import type { After } from './inlineEdit';
import { keepInGrid } from './keepInGrid';

const words = messages.recordGrid.edit;

export type CellEdit = {
  column: number;
  title: string;
  /** Whether there is more room above the cell than below. */
  isLow: boolean;
  isSaving: boolean;
  /** Why it was not saved. */
  problem: string | null;
  onSave: (draft: FieldDraft, after: After) => void;
  onCancel: () => void;
};

type CellEditorProps = { column: Column; record: RecordData; edit: CellEdit };

const TextEditor = ({ column: { field, end }, record, edit }: CellEditorProps) => {
  const { title, isLow, isSaving, problem, onSave, onCancel } = edit;
  const box = useRef<HTMLInputElement>(null);
  const note = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => keepInGrid(note.current), [problem]);
  const before = draftOf(field, record[field.name]);
  const [text, setText] = useState(before.kind === 'text' ? before.text : '');
  const noteId = `${field.id}-cell-note`;

  useEffect(() => {
    box.current?.focus();
    box.current?.select();
  }, []);

  const save = (after: After) => {
    if (!isSaving) onSave({ kind: 'text', text }, after);
  };
  return (
    <>
      <input
        ref={box}
        value={text}
        aria-label={words.cell(field.name, title)}
        aria-invalid={problem !== null}
        aria-describedby={noteId}
        autoComplete="off"
        inputMode={field.type === 'number' ? 'decimal' : undefined}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => {
          // A refused text stays where it is until it is mended or given up.
          if (problem === null) save('stay');
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === 'Escape') onCancel();
          else if (event.key === 'Enter') save('down');
          else if (event.key === 'Tab') save(event.shiftKey ? 'left' : 'right');
          else return;
          event.preventDefault();
        }}
        className={`absolute inset-0 w-full border-2 bg-surface px-2.5 font-sans text-grid font-normal outline-none ${
          end ? 'text-end' : ''
        } ${problem === null ? 'border-focus' : 'border-danger text-danger'}`}
      />
      {isSaving ? (
        <span aria-hidden="true" className="absolute inset-x-0 bottom-0 z-10 h-0.5 overflow-hidden">
          <span className="progress-line block h-full w-1/4 bg-accent" />
        </span>
      ) : null}
      <span
        ref={note}
        id={noteId}
        role="status"
        className={`absolute start-0 z-30 w-max max-w-80 rounded-chip border border-danger bg-danger-soft px-2 py-1 font-sans text-meta font-normal text-text empty:hidden ${
          isLow ? 'bottom-full' : 'top-full'
        }`}
      >
        {problem}
      </span>
    </>
  );
};

/** A value edited where it stands. */
export const CellEditor = (props: CellEditorProps) => {
  const { column, record, edit } = props;
  const { field } = column;
  if (field.type !== 'select') return <TextEditor {...props} />;
  const draft = draftOf(field, record[field.name]);
  return (
    <>
      <CellChoice
        field={field}
        label={words.cell(field.name, edit.title)}
        chosen={draft.kind === 'list' ? draft.values : []}
        above={edit.isLow}
        onSave={(values, after) => edit.onSave({ kind: 'list', values }, after)}
        onCancel={edit.onCancel}
      />
      <span role="status" className="truncate text-meta text-danger empty:hidden">
        {edit.problem}
      </span>
    </>
  );
};
