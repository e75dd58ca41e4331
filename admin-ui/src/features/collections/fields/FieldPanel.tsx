import { useState } from 'react';
import type { Collection } from '@/api';
import { Button, Switch, TextField } from '@/components';
import { messages } from '@/messages.en';
import {
  uniqueIndexOf,
  withRenamed,
  withUnique,
  type Draft,
  type DraftField,
  type FieldData,
} from '../shape/draft';
import type { Problems } from '../shape/problems';
import { FieldOptionInputs } from './FieldOptionInputs';

const words = messages.fields;

type NameInputProps = { name: string; error: string | undefined; onRename: (name: string) => void };

/** Takes the name over when it is left, so that indexes follow the whole name and not each letter. */
const NameInput = ({ name, error, onRename }: NameInputProps) => {
  const [typed, setTyped] = useState(name);
  const commit = () => {
    const next = typed.trim();
    if (next === '') setTyped(name);
    else onRename(next);
  };
  return (
    <TextField
      label={words.name}
      value={typed}
      error={error}
      hint={words.nameHint}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
      onChange={({ target }) => setTyped(target.value)}
    />
  );
};

/** Types of which two equal values can be told from one another. */
const canBeUnique = ({ type }: FieldData): boolean =>
  type !== 'password' && type !== 'bool' && type !== 'geoPoint' && type !== 'json';

export type FieldPanelProps = {
  field: DraftField;
  draft: Draft;
  stored: DraftField | undefined;
  targets: readonly Collection[];
  problems: Problems;
  onUpdate: (edit: (before: Draft) => Draft) => void;
  onDuplicate: () => void;
  onDelete: () => void;
  onMoveUp: (() => void) | undefined;
  onMoveDown: (() => void) | undefined;
};

/** Everything that can be set of one field. */
export const FieldPanel = (props: FieldPanelProps) => {
  const { field, draft, stored, targets, problems, onUpdate } = props;
  const { data, key } = field;
  const path = `fields.${key}`;
  const isKey = data.type === 'text' && data.primaryKey === true;
  const set = (values: Partial<FieldData>) =>
    onUpdate((before) => ({
      ...before,
      fields: before.fields.map((one) =>
        one.key === key ? { ...one, data: { ...one.data, ...values } } : one,
      ),
    }));
  const requiredHint =
    data.type === 'bool' || data.type === 'number'
      ? words.requiredHints[data.type]
      : words.requiredHints.other;
  return (
    <div className="flex flex-col gap-4 border-t border-line px-4 py-4 sm:ps-14">
      <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
        {data.system ? null : (
          <NameInput
            key={data.name}
            name={data.name}
            error={problems[`${path}.name`]}
            onRename={(name) => onUpdate((before) => withRenamed(before, key, name))}
          />
        )}
        {data.type === 'autodate' ? null : (
          <TextField
            label={words.help}
            value={data.help ?? ''}
            hint={words.helpHint}
            error={problems[`${path}.help`]}
            autoComplete="off"
            onChange={({ target }) => set({ help: target.value })}
          />
        )}
      </div>
      <FieldOptionInputs
        field={data}
        stored={stored?.data}
        targets={targets}
        problems={problems}
        path={path}
        onChange={set}
      />
      {isKey ? null : (
        <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
          {data.type === 'autodate' || (data.system && data.type !== 'email') ? null : (
            <Switch
              label={words.required}
              hint={requiredHint}
              checked={data.required === true}
              onChange={(required) => set({ required })}
            />
          )}
          {canBeUnique(data) && !data.system ? (
            <Switch
              label={words.unique}
              hint={words.uniqueHint}
              checked={uniqueIndexOf(draft, data.name) !== undefined}
              onChange={(unique) => onUpdate((before) => withUnique(before, data.name, unique))}
            />
          ) : null}
          <Switch
            label={words.presentable}
            hint={words.presentableHint}
            checked={data.presentable}
            onChange={(presentable) => set({ presentable })}
          />
          {data.system ? null : (
            <Switch
              label={words.hidden}
              hint={words.hiddenHint}
              checked={data.hidden}
              onChange={(hidden) => set({ hidden })}
            />
          )}
        </div>
      )}
      <div className="flex flex-wrap items-center gap-2 border-t border-line pt-4">
        {props.onMoveUp ? <Button onClick={props.onMoveUp}>{words.moveUp}</Button> : null}
        {props.onMoveDown ? <Button onClick={props.onMoveDown}>{words.moveDown}</Button> : null}
        {data.system ? null : (
          <>
            <Button onClick={props.onDuplicate}>{words.duplicate}</Button>
            <span className="sm:ms-auto">
              <Button look="dangerOutline" onClick={props.onDelete}>
                {words.deleteAct}
              </Button>
            </span>
          </>
        )}
      </div>
    </div>
  );
};
