import { useEffect, useRef, useState } from 'react';
import { toApiError, type RecordData } from '@/api';
import { Button, CodeBlock, CopyButton, ErrorState, IconButton, Segments, StateView } from '@/components';
import { messages } from '@/messages.en';
import { useShortcuts } from '@/preferences';
import type { CellContext } from './CellValue';
import { titleFields } from './columns';
import { FieldValue } from './FieldValue';
import { useFileToken, useRecord } from './useRecords';
import { recordTitle } from './values';

const words = messages.records;

const Skeleton = () => (
  <div role="status" aria-label={messages.common.loading} className="appear-late flex flex-col gap-6 p-4">
    {[30, 55, 45, 70, 40].map((width) => (
      <div key={width} className="flex flex-col gap-2">
        <span className="h-3 w-20 rounded-control bg-sunken" />
        <span className="h-4 rounded-control bg-sunken" style={{ width: `${width}%` }} />
      </div>
    ))}
  </div>
);

const Fields = ({ record, context }: { record: RecordData; context: CellContext }) => {
  // The id stands in the header; a key never leaves the server.
  const shown = context.collection.fields.filter(({ name }) => name !== 'id' && name !== 'tokenKey');
  return (
    <dl className="flex flex-col">
      {shown.map((field) => (
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
};

const jsonOf = (record: RecordData): string => {
  const stored = Object.entries(record).filter(([name]) => name !== 'expand');
  return JSON.stringify(Object.fromEntries(stored), null, 2);
};

/** Where the panel stands decides how it is left. */
export type PanelPlace = 'beside' | 'sheet' | 'page';

type RecordPanelProps = {
  id: string;
  context: CellContext;
  place: PanelPlace;
  isFull: boolean;
  onToggleFull: (() => void) | undefined;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
  onClose: () => void;
};

/** One record, read-only: its fields in full, and the JSON behind them. */
export const RecordPanel = ({
  id,
  context: listContext,
  place,
  isFull,
  onToggleFull,
  onPrevious,
  onNext,
  onClose,
}: RecordPanelProps) => {
  const { data: record, error, isPending, refetch } = useRecord(listContext.collection, id);
  const fileToken = useFileToken(listContext.collection, [record]);
  const context = { ...listContext, fileToken };
  const [view, setView] = useState<'fields' | 'json'>('fields');
  const heading = useRef<HTMLHeadingElement>(null);
  // On a page of its own the record is what the page is about.
  const Heading = place === 'page' || isFull ? 'h1' : 'h2';
  const title = record ? recordTitle(record, titleFields(context.collection)) : id;
  const failure = error ? toApiError(error) : null;

  useEffect(() => heading.current?.focus(), [id]);
  useShortcuts({
    Escape: onClose,
    ...(onNext ? { j: onNext } : {}),
    ...(onPrevious ? { k: onPrevious } : {}),
    ...(onToggleFull ? { f: onToggleFull } : {}),
  });

  const body = () => {
    if (isPending) return <Skeleton />;
    if (failure?.kind === 'missing') {
      return (
        <StateView
          picture="missing"
          title={words.notFound.title}
          body={words.notFound.body(id, context.collection.name)}
        >
          <Button onClick={onClose}>{words.closePanel}</Button>
        </StateView>
      );
    }
    if (failure) return <ErrorState error={failure} onRetry={() => void refetch()} />;
    if (!record) return null;
    if (view === 'fields') return <Fields record={record} context={context} />;
    return (
      <div className="p-4">
        <CodeBlock code={jsonOf(record)} label={words.asJson} />
      </div>
    );
  };

  return (
    <section aria-label={words.panel(title)} className="flex h-full min-w-0 flex-col bg-surface">
      <header className="flex shrink-0 flex-col gap-2 border-b border-line py-2 ps-4 pe-2">
        <div className="flex items-center gap-1">
          {place === 'page' ? (
            <span className="-ms-3">
              <IconButton
                icon="chevronLeft"
                label={words.backTo(context.collection.name)}
                onClick={onClose}
              />
            </span>
          ) : null}
          <Heading
            ref={heading}
            tabIndex={-1}
            className={`min-w-0 flex-1 truncate text-title font-semibold ${title === id ? 'font-mono' : ''}`}
          >
            {title}
          </Heading>
          {onPrevious === undefined && onNext === undefined ? null : (
            <>
              <IconButton
                icon="chevronUp"
                label={words.previous}
                shortcut="k"
                disabled={onPrevious === undefined}
                onClick={onPrevious}
              />
              <IconButton
                icon="chevronDown"
                label={words.next}
                shortcut="j"
                disabled={onNext === undefined}
                onClick={onNext}
              />
            </>
          )}
          {onToggleFull === undefined ? null : (
            <IconButton
              icon={isFull ? 'shrink' : 'expand'}
              label={isFull ? words.shrink : words.expand}
              shortcut="f"
              onClick={onToggleFull}
            />
          )}
          {place === 'page' ? null : (
            <IconButton icon="close" label={words.closePanel} shortcut="Escape" onClick={onClose} />
          )}
        </div>
        {failure ? null : (
          <div className="flex items-center gap-2 pe-2">
            <code className="min-w-0 truncate font-mono text-meta text-muted">{id}</code>
            <CopyButton text={id} label={words.copyId} iconOnly />
            <span className="ms-auto shrink-0">
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
          </div>
        )}
      </header>
      <div key={`${id} ${view}`} className="min-h-0 flex-1 overflow-y-auto">
        <div className={isFull ? 'mx-auto max-w-160' : ''}>{body()}</div>
      </div>
    </section>
  );
};
