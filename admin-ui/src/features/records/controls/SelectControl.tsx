import { useState } from 'react';
import type { SelectField } from '@/api';
import { Combobox, Icon } from '@/components';
import { messages } from '@/messages.en';
import type { ControlProps } from './controlProps';

const words = messages.recordEditor.choice;

/** More values than this are searched instead of shown. */
const shownAtMost = 6;

type ValueChipProps = { value: string; isOn: boolean; isUnknown: boolean; onPress: () => void };

const ValueChip = ({ value, isOn, isUnknown, onPress }: ValueChipProps) => (
  <button
    type="button"
    aria-pressed={isOn}
    onClick={onPress}
    className={`inline-flex min-h-8 max-w-full items-center gap-1 rounded-chip border px-3 text-grid coarse:min-h-11 ${
      isOn ? 'border-accent bg-accent-soft font-medium' : 'border-control bg-surface hover:bg-sunken'
    }`}
  >
    {isOn ? <Icon name="tick" className="size-3 text-accent" /> : null}
    <span className="truncate">{value}</span>
    {isUnknown ? <span className="text-meta text-warn">{words.unknown}</span> : null}
  </button>
);

/** The values of a select: few to press, many to search. A stored value that is none any more stays until removed. */
export const SelectControl = (props: ControlProps<'list', SelectField>) => {
  const { field, id, draft, isInvalid, describedBy, onChange } = props;
  const [text, setText] = useState('');
  const { values: chosen } = draft;
  const unknown = chosen.filter((value) => !field.values.includes(value));
  const isMany = field.maxSelect > 1;

  const toggle = (value: string) => {
    const isOn = chosen.includes(value);
    if (!isMany) {
      onChange({ kind: 'list', values: isOn ? [] : [value] });
      return;
    }
    const next = isOn ? chosen.filter((one) => one !== value) : [...chosen, value];
    // In the order of the schema, as the same choice should be the same value.
    const ordered = field.values.filter((one) => next.includes(one));
    onChange({ kind: 'list', values: [...ordered, ...next.filter((one) => !field.values.includes(one))] });
  };

  const isFew = field.values.length <= shownAtMost;
  const chips = isFew ? [...field.values, ...unknown] : chosen;
  const found = field.values.filter((value) => value.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <div className="flex flex-col gap-2">
      {chips.length === 0 ? null : (
        <div className="flex flex-wrap gap-2 coarse:gap-3">
          {chips.map((value) => (
            <ValueChip
              key={value}
              value={value}
              isOn={chosen.includes(value)}
              isUnknown={unknown.includes(value)}
              onPress={() => toggle(value)}
            />
          ))}
        </div>
      )}
      {isFew ? null : (
        <Combobox
          id={id}
          label={isMany ? words.add(field.name) : words.choose(field.name)}
          placeholder={words.search}
          text={text}
          options={found.map((value) => ({ value, label: value, isChosen: chosen.includes(value) }))}
          note={found.length === 0 ? words.noMatch : undefined}
          isInvalid={isInvalid}
          describedBy={describedBy}
          onText={setText}
          onPick={(value) => {
            toggle(value);
            setText('');
          }}
        />
      )}
    </div>
  );
};
