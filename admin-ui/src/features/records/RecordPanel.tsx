import { useEffect, useRef, useState } from 'react';
import { toApiError, type RecordData } from '@/api';
import {
  Button,
  CodeBlock,
  CopyButton,
  copyText,
  ErrorState,
  Menu,
  Segments,
  StateView,
  type MenuAct,
} from '@/components';
import { messages } from '@/messages.en';
import { useShortcuts } from '@/preferences';
import type { CellContext } from './CellValue';
import { titleFields } from './columns';
import { FieldValue } from './FieldValue';
import { PanelFrame, type PanelMoves } from './PanelFrame';
import { PanelSkeleton } from './PanelSkeleton';
import { RecordForm } from './RecordForm';
import { useFileToken, useRecord } from './useRecords';
import { recordTitle } from './values';

const words = messages.records;
const editorWords = messages.recordEditor;

/** The record of a view, which nobody edits here. */
const ReadOnlyFields = ({ record, context }: { record: RecordData; context: CellContext }) => (
  <dl className="flex flex-col">
    {context.collection.fields
      .filter(({ name }) => name !== 'id')
      .map((field) => (
        <div key={field.id} className="flex flex-col gap-1 border-b border-line px-4 py-3 last:border-b-0">
          <dt className="flex items-baseline gap-2 text-meta text-muted">
            <span className="break-all">{field.name}</span>
            <span className="ms-auto shrink-0 font-mono">
              {field.type}
              {field.hidden ? ` · ${words.hiddenField}` : null}
            </span>
          </dt>
          <dd className="min-w-0">
            <FieldValue field={field} record={record} context={context} />
          </dd>
        </div>
      ))}
  </dl>
);

const jsonOf = (record: RecordData): string => {
  const stored = Object.entries(record).filter(([name]) => name !== 'expand');
  return JSON.stringify(Object.fromEntries(stored), null, 2);
};

type RecordPanelProps = PanelMoves & {
  id: string;
  context: CellContext;
  onDuplicate: () => void;
  /** Asks whether to delete this record. */
  onDelete: (record: RecordData) => void;
};

/** One record: its fields to edit, and the JSON behind them. */
export const RecordPanel = ({
  id,
  context: listContext,
  onDuplicate,
  onDelete,
  ...moves
}: RecordPanelProps) => {
  const { collection } = listContext;
  const { data: record, error, isPending, refetch } = useRecord(collection, id);
  const fileToken = useFileToken(collection, [record]);
  const context = { ...listContext, fileToken };
  const [view, setView] = useState<'fields' | 'json'>('fields');
  const heading = useRef<HTMLHeadingElement>(null);
  const title = record ? recordTitle(record, titleFields(collection)) : id;
  const failure = error ? toApiError(error) : null;
  const isReadOnly = collection.type === 'view';

  useEffect(() => heading.current?.focus(), [id]);
  useShortcuts({
    Escape: moves.onClose,
    ...(moves.onNext ? { j: moves.onNext } : {}),
    ...(moves.onPrevious ? { k: moves.onPrevious } : {}),
    ...(moves.onToggleFull ? { f: moves.onToggleFull } : {}),
  });

  const body = () => {
    if (isPending) return <PanelSkeleton />;
    if (failure?.kind === 'missing') {
      return (
        <StateView
          picture="missing"
          title={words.notFound.title}
          body={words.notFound.body(id, collection.name)}
        >
          <Button onClick={moves.onClose}>{words.closePanel}</Button>
        </StateView>
      );
    }
    if (failure) return <ErrorState error={failure} onRetry={() => void refetch()} />;
    if (!record) return null;
    const isJson = view === 'json';
    const width = moves.isFull ? 'mx-auto max-w-160' : '';
    return (
      <>
        {isReadOnly ? (
          <div hidden={isJson} className="min-h-0 flex-1 overflow-y-auto">
            <div className={width}>
              <ReadOnlyFields record={record} context={context} />
            </div>
          </div>
        ) : (
          <RecordForm
            key={id}
            record={record}
            context={context}
            isWide={moves.isFull}
            isHidden={isJson}
            // What was saved stands in the form already.
            onSaved={() => undefined}
          />
        )}
        {isJson ? (
          <div className="min-h-0 flex-1 overflow-y-auto p-4">
            <div className={width}>
              <CodeBlock code={jsonOf(record)} label={words.asJson} />
            </div>
          </div>
        ) : null}
      </>
    );
  };

  const acts: MenuAct[] = record
    ? [
        { label: editorWords.copyJson, icon: 'copy', onAct: () => void copyText(jsonOf(record)) },
        ...(isReadOnly
          ? []
          : ([
              { label: editorWords.duplicate, icon: 'plus', onAct: onDuplicate },
              { label: editorWords.delete, icon: 'trash', isDanger: true, onAct: () => onDelete(record) },
            ] as const)),
      ]
    : [];

  return (
    <PanelFrame
      {...moves}
      label={words.panel(title)}
      title={title}
      isTitleCode={title === id}
      collection={collection.name}
      heading={heading}
      facts={
        failure ? null : (
          <div className="flex items-center gap-1">
            <code className="min-w-0 truncate font-mono text-meta text-muted">{id}</code>
            <CopyButton text={id} label={words.copyId} iconOnly />
            <span className="ms-auto me-1 shrink-0">
              <Segments
                label={words.viewAs}
                labelHidden
                value={view}
                options={[
                  { value: 'fields', label: words.asFields },
                  { value: 'json', label: words.asJson },
                ]}
                onChange={setView}
              />
            </span>
            <Menu label={editorWords.actions} acts={acts} />
          </div>
        )
      }
    >
      {body()}
    </PanelFrame>
  );
};
