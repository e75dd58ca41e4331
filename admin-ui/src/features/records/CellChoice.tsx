import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { SelectField } from '@/api';
import { Icon } from '@/components';
import { messages } from '@/messages.en';
import type { After } from './inlineEdit';
import { keepInGrid } from './keepInGrid';

type CellChoiceProps = {
  field: SelectField;
  label: string;
  chosen: readonly string[];
  above: boolean;
  onSave: (values: string[], after: After) => void;
  onCancel: () => void;
};

/** The values of a select, below its cell: one is taken at once, several are ticked and then saved. */
export const CellChoice = ({ field, label, chosen, above, onSave, onCancel }: CellChoiceProps) => {
  const list = useRef<HTMLDivElement>(null);
  const isMany = field.maxSelect > 1;
  const unknown = chosen.filter((value) => !field.values.includes(value));
  const nothing = !isMany && field.required !== true;
  const values = [...(nothing ? [''] : []), ...field.values, ...unknown];
  const [picked, setPicked] = useState<readonly string[]>(chosen);
  const [active, setActive] = useState(Math.max(0, values.indexOf(chosen[0] ?? '')));

  useLayoutEffect(() => keepInGrid(list.current), []);
  useEffect(() => list.current?.focus(), []);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const press = (value: string) => {
    if (!isMany) {
      onSave(value === '' ? [] : [value], 'stay');
      return;
    }
    setPicked((before) =>
      before.includes(value) ? before.filter((one) => one !== value) : [...before, value],
    );
  };
  /** In the order of the schema, as the same choice should be the same value. */
  const result = () => values.filter((value) => value !== '' && picked.includes(value));

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    const value = values[active];
    const letter = values.findIndex(
      (one, index) => index > active && one.toLowerCase().startsWith(event.key.toLowerCase()),
    );
    const anyLetter = values.findIndex(
      (one) => one !== '' && one.toLowerCase().startsWith(event.key.toLowerCase()),
    );
    switch (event.key) {
      case 'Escape':
        onCancel();
        break;
      case 'ArrowDown':
        setActive(Math.min(values.length - 1, active + 1));
        break;
      case 'ArrowUp':
        setActive(Math.max(0, active - 1));
        break;
      case 'Home':
        setActive(0);
        break;
      case 'End':
        setActive(values.length - 1);
        break;
      case ' ':
        if (value !== undefined) press(value);
        break;
      case 'Enter':
      case 'Tab': {
        const after = event.key === 'Enter' ? 'down' : event.shiftKey ? 'left' : 'right';
        if (isMany) onSave(result(), after);
        else onSave(value === undefined || value === '' ? [] : [value], after);
        break;
      }
      default:
        if (event.key.length !== 1 || event.ctrlKey || event.metaKey) return;
        setActive(letter >= 0 ? letter : anyLetter >= 0 ? anyLetter : active);
    }
    event.preventDefault();
  };

  return (
    <div
      ref={list}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-multiselectable={isMany}
      aria-activedescendant={`choice-${active}`}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (event.currentTarget.contains(event.relatedTarget)) return;
        if (isMany) onSave(result(), 'stay');
        else onCancel();
      }}
      className={`absolute start-0 z-30 flex max-h-64 w-max max-w-72 min-w-40 flex-col overflow-y-auto rounded-panel border border-line bg-surface p-1 font-sans text-grid font-normal shadow-1 ${
        above ? 'bottom-full' : 'top-full'
      }`}
    >
      {values.map((value, index) => {
        const isOn = value === '' ? picked.length === 0 : picked.includes(value);
        return (
          <div
            key={value}
            id={`choice-${index}`}
            role="option"
            aria-selected={isOn}
            onPointerMove={() => setActive(index)}
            onClick={(event) => {
              event.stopPropagation();
              press(value);
            }}
            className={`flex min-h-8 shrink-0 cursor-pointer items-center gap-2 rounded-control px-2 coarse:min-h-11 ${
              index === active ? 'bg-sunken' : ''
            } ${value === '' ? 'text-muted' : ''}`}
          >
            <span className="size-4 text-accent">{isOn ? <Icon name="tick" /> : null}</span>
            <span className="truncate">{value === '' ? messages.recordGrid.edit.nothing : value}</span>
          </div>
        );
      })}
    </div>
  );
};
