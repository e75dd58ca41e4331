import type { Collection } from '@/api';
import { Callout, Segments, SelectField, Switch, TagsField, TextField } from '@/components';
import { formatNumber } from '@/locale';
import { messages } from '@/messages.en';
import type { FieldData } from '../shape/draft';
import { isMany, numberOf, optionsOf, textsOf, type OptionSpec } from '../shape/fieldOptions';
import { problemBelow, type Problems } from '../shape/problems';
import { NumberInput } from './NumberInput';

const words = messages.fields;
const manyAtFirst = 99;

const labelOf = ({ key }: OptionSpec, { type }: FieldData): string => {
  const all: Partial<Record<string, string | Partial<Record<string, string>>>> = words.options;
  const label = all[key];
  return typeof label === 'string' ? label : (label?.[type] ?? key);
};

const bytesHint = (field: FieldData, bytes: number): string => {
  const hints = words.optionHints;
  if (bytes > 0) return hints.bytes(formatNumber(Math.round(bytes / 10_000) / 100, false));
  return field.type === 'editor' ? hints.editorSize : field.type === 'file' ? hints.fileSize : hints.jsonSize;
};

const hintOf = ({ key, kind }: OptionSpec, field: FieldData): string | undefined => {
  const hints = words.optionHints;
  if (kind === 'bytes') return bytesHint(field, numberOf(field[key]));
  if (kind === 'tags' && key.endsWith('Domains')) return hints.domains;
  if (field.type === 'date') return hints.date;
  if (field.type === 'number' && kind === 'number') return hints.numberZero;
  if (key === 'max') return field.type === 'password' ? hints.passwordMax : hints.textMax;
  const known: Partial<Record<string, unknown>> = hints;
  const hint = known[key];
  return typeof hint === 'string' ? hint : undefined;
};

type InputProps = {
  spec: OptionSpec;
  field: FieldData;
  stored: FieldData | undefined;
  targets: readonly Collection[];
  problems: Problems;
  path: string;
  onChange: (values: Partial<FieldData>) => void;
};

const ManyInput = ({ field, stored, problems, path, onChange }: InputProps) => {
  const isSeveral = isMany(field);
  const most = field.type === 'select' ? Math.max(2, textsOf(field.values).length) : manyAtFirst;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="w-48">
          <Segments
            label={words.options.maxSelect}
            value={isSeveral ? 'many' : 'one'}
            options={[
              { value: 'one', label: words.one },
              { value: 'many', label: words.many },
            ]}
            onChange={(choice) => onChange({ maxSelect: choice === 'one' ? 1 : most })}
          />
        </div>
        {isSeveral ? (
          <div className="w-28">
            <NumberInput
              whole
              label={words.options.maxSelectCount}
              value={numberOf(field.maxSelect)}
              error={problems[`${path}.maxSelect`]}
              onChange={(value) => onChange({ maxSelect: value === null || value < 2 ? Number.NaN : value })}
            />
          </div>
        ) : problems[`${path}.maxSelect`] === undefined ? null : (
          <p className="text-meta text-danger">{problems[`${path}.maxSelect`]}</p>
        )}
      </div>
      {stored && isMany(stored) && !isSeveral ? <Callout tone="warn">{words.toOneWarning}</Callout> : null}
    </div>
  );
};

const TargetInput = ({ field, stored, targets, problems, path, onChange }: InputProps) => {
  const choices = targets.map(({ id, name }) => ({ value: id, label: name }));
  const chosen = typeof field.collectionId === 'string' ? field.collectionId : '';
  return (
    <SelectField
      label={words.options.collectionId}
      value={chosen}
      disabled={stored !== undefined}
      options={chosen === '' ? [{ value: '', label: words.target.choose }, ...choices] : choices}
      error={problems[`${path}.collectionId`]}
      onChange={(collectionId) => onChange({ collectionId })}
    />
  );
};

const OptionInput = (props: InputProps) => {
  const { spec, field, problems, path, onChange } = props;
  const { key, kind } = spec;
  const place = `${path}.${key}`;
  const value = field[key];
  const shared = { label: labelOf(spec, field), error: problems[place], hint: hintOf(spec, field) };
  switch (kind) {
    case 'many':
      return <ManyInput {...props} />;
    case 'target':
      return <TargetInput {...props} />;
    case 'switch':
      return (
        <div>
          <Switch
            label={shared.label}
            {...(shared.hint === undefined ? {} : { hint: shared.hint })}
            checked={value === true}
            onChange={(checked) => onChange({ [key]: checked })}
          />
          {shared.error === undefined ? null : <p className="text-meta text-danger">{shared.error}</p>}
        </div>
      );
    case 'tags':
    case 'values':
      return (
        <TagsField
          {...shared}
          values={textsOf(value)}
          error={problemBelow(problems, place)}
          onChange={(texts) => onChange({ [key]: texts })}
        />
      );
    case 'count':
    case 'bytes':
      return (
        <NumberInput
          {...shared}
          whole
          value={numberOf(value) === 0 ? null : numberOf(value)}
          onChange={(count) => onChange({ [key]: count ?? 0 })}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...shared}
          value={typeof value === 'number' ? value : null}
          onChange={(number) => onChange({ [key]: number })}
        />
      );
    case 'text':
    case 'pattern':
      return (
        <TextField
          {...shared}
          value={typeof value === 'string' ? value : ''}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={({ target }) => onChange({ [key]: target.value })}
        />
      );
  }
};

const isWide = ({ kind }: OptionSpec): boolean => kind === 'values' || kind === 'many';

/** The options that only this type of field has. */
export const FieldOptionInputs = (props: Omit<InputProps, 'spec'>) => {
  const specs = optionsOf[props.field.type].filter(
    ({ key }) => key !== 'minSelect' || isMany(props.field) || numberOf(props.field.minSelect) > 0,
  );
  if (specs.length === 0) return null;
  return (
    <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
      {specs.map((spec) => (
        <div key={spec.key} className={isWide(spec) ? 'sm:col-span-2' : ''}>
          <OptionInput {...props} spec={spec} />
        </div>
      ))}
    </div>
  );
};
