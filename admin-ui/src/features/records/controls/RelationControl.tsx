import { useState } from 'react';
import type { Collection, RecordData, RelationField } from '@/api';
import { Combobox, IconButton } from '@/components';
import { messages } from '@/messages.en';
import { titleFields } from '../columns';
import { recordHref } from '../hrefs';
import { useFoundRecords, useRelatedRecords } from '../useRelatedRecords';
import { recordTitle, valueText } from '../values';
import type { ControlProps } from './controlProps';

const words = messages.recordEditor.choice;

const previewTypes = new Set(['text', 'email', 'select', 'number', 'date', 'url']);

/** A second line that tells records of the same name apart. */
const previewOf = (record: RecordData, target: Collection): string => {
  const titles = titleFields(target);
  return target.fields
    .filter((field) => previewTypes.has(field.type) && !titles.includes(field) && !field.hidden)
    .map((field) => valueText(field, record[field.name]))
    .filter((text) => text !== '' && text !== record.id)
    .slice(0, 2)
    .concat(record.id)
    .join(' · ');
};

type RelationControlProps = ControlProps<'list', RelationField> & {
  collections: readonly Collection[];
  /** Records that came with this one. */
  expanded: readonly RecordData[] | undefined;
};

/** Records this one points to, by name: searched, put in order, opened; an id without a record says so. */
export const RelationControl = (props: RelationControlProps) => {
  const { field, id, draft, isInvalid, describedBy, collections, expanded, onChange } = props;
  const target = collections.find((one) => one.id === field.collectionId);
  const [text, setText] = useState('');
  const [isOpened, setOpened] = useState(false);
  const { values } = draft;
  const isMany = field.maxSelect > 1;
  const related = useRelatedRecords(target, values, expanded);
  const found = useFoundRecords(target, text, isOpened);
  const set = (next: string[]) => onChange({ kind: 'list', values: next });

  const titleOf = (one: RecordData) => (target ? recordTitle(one, titleFields(target)) : one.id);
  const pick = (value: string) => {
    if (values.includes(value)) set(values.filter((one) => one !== value));
    else set(isMany ? [...values, value] : [value]);
    setText('');
  };
  const move = (index: number, step: number) => {
    const next = [...values];
    const [moved] = next.splice(index, 1);
    if (moved === undefined) return;
    next.splice(index + step, 0, moved);
    set(next);
  };

  const isFull = isMany && values.length >= field.maxSelect;
  const note = () => {
    if (found.isError) return words.searchFailed;
    if (found.records.length === 0) return found.isFetching ? undefined : words.noMatch;
    return found.hasMore ? words.showing(found.records.length) : undefined;
  };
  return (
    <div className="flex flex-col gap-2">
      {values.length === 0 ? null : (
        <ul className="flex flex-col gap-1">
          {values.map((value, index) => {
            const record = related.recordOf(value);
            const isMissing = record === undefined && related.isKnown;
            const title = record ? titleOf(record) : value;
            return (
              <li
                key={value}
                className="flex min-w-0 items-center gap-1 rounded-control border border-line ps-3 pe-1"
              >
                <span className="flex min-w-0 flex-1 flex-col py-1">
                  {isMissing ? (
                    <span className="text-grid text-warn">{messages.records.missingRecord}</span>
                  ) : target ? (
                    <a
                      href={recordHref(target.name, value)}
                      className={`truncate text-grid text-accent hover:underline ${record ? '' : 'font-mono'}`}
                    >
                      {title}
                    </a>
                  ) : (
                    <span className="truncate font-mono text-grid">{value}</span>
                  )}
                  <span className="truncate text-meta text-muted">
                    {record && target ? previewOf(record, target) : value}
                  </span>
                </span>
                {isMany && values.length > 1 ? (
                  <>
                    <IconButton
                      icon="chevronUp"
                      label={words.earlier(title)}
                      disabled={index === 0}
                      onClick={() => move(index, -1)}
                    />
                    <IconButton
                      icon="chevronDown"
                      label={words.later(title)}
                      disabled={index === values.length - 1}
                      onClick={() => move(index, 1)}
                    />
                  </>
                ) : null}
                <IconButton
                  icon="close"
                  label={words.remove(title)}
                  onClick={() => set(values.filter((one) => one !== value))}
                />
              </li>
            );
          })}
        </ul>
      )}
      {isFull ? (
        <p className="text-meta text-muted">{words.full(field.maxSelect)}</p>
      ) : (
        <Combobox
          id={id}
          label={isMany ? words.add(field.name) : words.choose(field.name)}
          placeholder={words.search}
          text={text}
          options={found.records.map((record) => ({
            value: record.id,
            label: titleOf(record),
            detail: target ? previewOf(record, target) : record.id,
            isChosen: values.includes(record.id),
          }))}
          note={note()}
          isBusy={found.isFetching}
          isInvalid={isInvalid}
          describedBy={describedBy}
          onText={setText}
          onPick={pick}
          onOpen={() => setOpened(true)}
        />
      )}
    </div>
  );
};
