import type { KeyboardEvent, PointerEvent } from 'react';
import { Button, Icon } from '@/components';
import { messages } from '@/messages.en';
import { uniqueIndexOf, type Draft, type FieldData } from '../shape/draft';
import { isMany, textsOf } from '../shape/fieldOptions';
import { FieldPanel, type FieldPanelProps } from './FieldPanel';

const words = messages.fields;

/** The sign of a type, which also stands in its name for readers of screens. */
export const TypeSign = ({ type }: Pick<FieldData, 'type'>) => (
  <span
    aria-hidden="true"
    className="grid size-6 shrink-0 place-items-center rounded-control bg-sunken font-mono text-meta text-muted"
  >
    {words.glyphs[type]}
  </span>
);

const summaryOf = (field: FieldData, collectionName: (id: string) => string): string => {
  const parts: string[] = [];
  if (field.type === 'select') parts.push(words.values(textsOf(field.values)));
  if (field.type === 'relation' && typeof field.collectionId === 'string' && field.collectionId !== '') {
    parts.push(words.to(collectionName(field.collectionId)));
  }
  if (isMany(field)) parts.push(words.several);
  return parts.filter((part) => part !== '').join(' · ');
};

const badgesOf = (draft: Draft, field: FieldData, isNew: boolean): string[] => [
  ...(isNew ? [words.badges.new] : []),
  ...(field.required === true && !field.system ? [words.badges.required] : []),
  ...(uniqueIndexOf(draft, field.name) && !field.system ? [words.badges.unique] : []),
  ...(field.presentable ? [words.badges.presentable] : []),
  ...(field.hidden && !field.system ? [words.badges.hidden] : []),
  ...(field.system ? [words.badges.system] : []),
];

type FieldRowProps = FieldPanelProps & {
  isOpen: boolean;
  isDragged: boolean;
  hintId: string;
  /** Where all fields are new, saying so says nothing. */
  marksNew: boolean;
  onToggle: () => void;
  onKeep: () => void;
  onDragStart: (event: PointerEvent<HTMLButtonElement>) => void;
};

/** One field as one line; its options open in place. */
export const FieldRow = (props: FieldRowProps) => {
  const { field, draft, problems, targets, isOpen, isDragged, hintId, onMoveUp, onMoveDown } = props;
  const { data, key } = field;
  const hasProblem = Object.keys(problems).some((path) => path.startsWith(`fields.${key}`));
  const whole = problems[`fields.${key}`];

  if (field.isRemoved) {
    return (
      <li className="flex min-h-11 items-center gap-3 border-b border-line bg-danger-soft ps-4 pe-2 last:border-b-0 sm:ps-11">
        <TypeSign type={data.type} />
        <span className="min-w-0 truncate line-through">{data.name}</span>
        <span className="me-auto shrink-0 text-grid text-danger">{words.isDeleted}</span>
        <Button look="plain" aria-label={words.keepField(data.name)} onClick={props.onKeep}>
          {words.keep}
        </Button>
      </li>
    );
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const move = event.key === 'ArrowUp' ? onMoveUp : event.key === 'ArrowDown' ? onMoveDown : undefined;
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    move?.();
  };
  const badges = badgesOf(draft, data, field.isNew && props.marksNew);
  const collectionName = (id: string) => targets.find((one) => one.id === id)?.name ?? id;
  return (
    <li
      data-field={key}
      className={`border-b border-line last:border-b-0 ${isDragged ? 'bg-accent-soft' : 'bg-surface'}`}
    >
      <div className="flex items-center">
        <button
          type="button"
          id={`move-${key}`}
          aria-label={words.move(data.name)}
          aria-describedby={hintId}
          title={words.moveHint}
          onKeyDown={onKeyDown}
          onPointerDown={props.onDragStart}
          className="grid h-11 w-10 shrink-0 cursor-grab touch-none place-items-center rounded-control text-muted -outline-offset-2 hover:text-text"
        >
          <Icon name="drag" />
        </button>
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={props.onToggle}
          className="flex min-h-11 min-w-0 flex-1 items-center gap-3 rounded-control py-1 pe-3 text-start -outline-offset-2 hover:bg-sunken"
        >
          <TypeSign type={data.type} />
          <span className="grid min-w-0 flex-1 items-center gap-x-3 sm:grid-cols-[minmax(8rem,14rem)_6rem_minmax(0,1fr)]">
            <span className="truncate font-medium">{data.name}</span>
            <span className="truncate text-grid text-muted">
              {words.types[data.type]}
              <span className="sm:hidden">{badges.map((badge) => ` · ${badge}`)}</span>
            </span>
            <span className="hidden min-w-0 items-center gap-1.5 sm:flex">
              {badges.map((badge) => (
                <span
                  key={badge}
                  className="inline-flex h-5 shrink-0 items-center rounded-chip border border-line px-1.5 text-meta text-muted"
                >
                  {badge}
                </span>
              ))}
              <span className="truncate text-grid text-muted">{summaryOf(data, collectionName)}</span>
            </span>
          </span>
          {hasProblem ? (
            <span className="text-danger">
              <Icon name="warning" />
              <span className="sr-only">{words.tabs.hasProblems}</span>
            </span>
          ) : null}
          <span className="text-muted">
            <Icon name={isOpen ? 'chevronUp' : 'chevronDown'} />
          </span>
        </button>
      </div>
      {whole === undefined ? null : <p className="px-4 pb-2 text-meta text-danger sm:ps-14">{whole}</p>}
      {isOpen ? <FieldPanel {...props} /> : null}
    </li>
  );
};
