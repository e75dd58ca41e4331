import { useId, useRef, useState, type PointerEvent, type Ref } from 'react';
import type { Collection, FieldType } from '@/api';
import { messages } from '@/messages.en';
import { nextKey, withKept, withMoved, withRemoved, type Draft, type DraftField } from '../shape/draft';
import { withAdded } from '../shape/addField';
import { needsOptions } from '../shape/fieldOptions';
import type { Problems } from '../shape/problems';
import { FieldRow } from './FieldRow';
import { NewFieldLine, type NewFieldHandle } from './NewFieldLine';

const words = messages.fields;

type FieldListProps = {
  draft: Draft;
  stored: Draft;
  /** Where relations may lead. */
  targets: readonly Collection[];
  problems: Problems;
  onUpdate: (edit: (before: Draft) => Draft) => void;
  /** Asked before a field with values is deleted. */
  onDelete: (field: DraftField) => void;
  newField?: Ref<NewFieldHandle>;
};

const freeName = (name: string, taken: readonly string[]): string => {
  for (let number = 2; ; number++) {
    if (!taken.includes(`${name}_${number}`)) return `${name}_${number}`;
  }
};

/** The fields of a collection in their order, and a line for the next one. */
export const FieldList = (props: FieldListProps) => {
  const { draft, stored, targets, problems, onUpdate, onDelete } = props;
  const hintId = useId();
  const list = useRef<HTMLOListElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [dragged, setDragged] = useState<string | null>(null);
  const [announcement, setAnnouncement] = useState('');
  const { fields } = draft;
  const names = fields.filter(({ isRemoved }) => !isRemoved).map(({ data }) => data.name);

  const toggle = (key: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const isFaulty = (key: string) => Object.keys(problems).some((path) => path.startsWith(`fields.${key}.`));

  const insert = (field: DraftField['data'], at: number, isOpened: boolean) => {
    const key = nextKey();
    const added = { key, data: field, isNew: true, isRemoved: false };
    onUpdate((before) => ({ ...before, fields: before.fields.toSpliced(at, 0, added) }));
    if (isOpened) setOpen((before) => new Set(before).add(key));
  };
  const add = (name: string, type: FieldType) => {
    const key = nextKey();
    onUpdate((before) => withAdded(before, name, type, key));
    if (needsOptions(type)) setOpen((before) => new Set(before).add(key));
  };
  const move = (from: number, to: number) => {
    const field = fields[from];
    if (!field || to < 0 || to >= fields.length) return;
    onUpdate((before) => withMoved(before, from, to));
    setAnnouncement(words.moved(field.data.name, to + 1, fields.length));
  };
  const moveOf = (index: number, to: number) =>
    to < 0 || to >= fields.length
      ? undefined
      : () => {
          const key = fields[index]?.key ?? '';
          move(index, to);
          requestAnimationFrame(() => document.getElementById(`move-${key}`)?.focus());
        };

  const startDrag = (key: string) => (event: PointerEvent<HTMLButtonElement>) => {
    if (event.button !== 0) return;
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    setDragged(key);
    let at = fields.findIndex((field) => field.key === key);
    const onMove = (moved: globalThis.PointerEvent) => {
      const rows = Array.from(list.current?.children ?? [], (row) => row.getBoundingClientRect());
      const over = rows.findIndex(({ top, bottom }) => moved.clientY >= top && moved.clientY < bottom);
      if (over < 0 || over === at) return;
      const from = at;
      at = over;
      onUpdate((before) => withMoved(before, from, over));
    };
    const onEnd = () => {
      handle.removeEventListener('pointermove', onMove);
      handle.removeEventListener('lostpointercapture', onEnd);
      setDragged(null);
    };
    handle.addEventListener('pointermove', onMove);
    handle.addEventListener('lostpointercapture', onEnd);
  };

  return (
    <div className="overflow-hidden rounded-panel border border-line bg-surface">
      <p id={hintId} className="sr-only">
        {words.moveHint}
      </p>
      <p role="status" className="sr-only">
        {announcement}
      </p>
      <ol ref={list} aria-label={words.list}>
        {fields.map((field, index) => (
          <FieldRow
            key={field.key}
            field={field}
            draft={draft}
            stored={stored.fields.find(({ key }) => key === field.key)}
            targets={targets}
            problems={problems}
            hintId={hintId}
            marksNew={stored.fields.length > 0}
            isOpen={open.has(field.key) || isFaulty(field.key)}
            isDragged={dragged === field.key}
            onToggle={() => toggle(field.key)}
            onUpdate={onUpdate}
            onDuplicate={() =>
              insert(
                { ...field.data, id: '', name: freeName(field.data.name, names), system: false },
                index + 1,
                true,
              )
            }
            onDelete={() =>
              field.isNew ? onUpdate((before) => withRemoved(before, field.key)) : onDelete(field)
            }
            onKeep={() => onUpdate((before) => withKept(before, stored, field.key))}
            onMoveUp={moveOf(index, index - 1)}
            onMoveDown={moveOf(index, index + 1)}
            onDragStart={startDrag(field.key)}
          />
        ))}
      </ol>
      <NewFieldLine taken={names} onAdd={add} {...(props.newField ? { handle: props.newField } : {})} />
    </div>
  );
};
