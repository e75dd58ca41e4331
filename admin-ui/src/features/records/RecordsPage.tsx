import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { toApiError, type Collection } from '@/api';
import {
  Button,
  buttonClass,
  CodeBlock,
  ErrorState,
  Icon,
  IconButton,
  StateView,
  useCoarsePointer,
  useForm,
  useTitle,
} from '@/components';
import { createRecordCall, findCollection, useCollections } from '@/features/collections';
import { messages } from '@/messages.en';
import type { CellContext } from './CellValue';
import { columnsOf, type Column } from './columns';
import { RecordCards } from './RecordCards';
import { RecordGrid } from './RecordGrid';
import { RecordPanel } from './RecordPanel';
import { parseSort } from './sort';
import { useFileToken, useRecordRows, type Rows } from './useRecords';
import { useRowWindow } from './useRowWindow';

const words = messages.records;

const cardRem = 4.25;
const rowRem = { fine: 2.25, coarse: 2.75 };

const skeletonRows = Array.from({ length: 30 }, (_, index) => index);

/** The grid without its records: the headings and widths are known before they are. */
const GridSkeleton = ({ columns, rem }: { columns: readonly Column[]; rem: number }) => {
  const row = {
    height: `${rem}rem`,
    gridTemplateColumns: columns.map(({ track }) => track).join(' '),
    minWidth: `${columns.reduce((sum, column) => sum + column.rem, 0)}rem`,
  };
  return (
    <div role="status" aria-label={messages.common.loading} className="h-full overflow-hidden bg-surface">
      <div
        style={row}
        className="grid items-center border-b border-line bg-sunken text-meta font-medium text-muted"
      >
        {columns.map(({ field, end }) => (
          <span key={field.id} className={`truncate px-3 ${end ? 'text-end' : ''}`}>
            {field.name}
          </span>
        ))}
      </div>
      <div className="appear-late">
        {skeletonRows.map((index) => (
          <div key={index} style={row} className="grid items-center border-b border-line">
            {columns.map(({ field, end }) => (
              <span key={field.id} className="flex px-3">
                <span className={`h-3 rounded-control bg-sunken ${end ? 'ms-auto w-1/2' : 'w-3/4'}`} />
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
};

const CardSkeleton = () => (
  <div
    role="status"
    aria-label={messages.common.loading}
    className="appear-late h-full overflow-hidden bg-surface"
  >
    {skeletonRows.map((index) => (
      <div key={index} className="flex h-17 flex-col justify-center gap-3 border-b border-line px-4">
        <span className="h-3 w-1/2 rounded-control bg-sunken" />
        <span className="h-3 w-3/4 rounded-control bg-sunken" />
      </div>
    ))}
  </div>
);

/** Before the collections are known there is only the frame. */
const PageSkeleton = () => (
  <div role="status" aria-label={messages.common.loading} className="appear-late h-full">
    <div className="flex h-12 items-center border-b border-line bg-surface px-4 sm:px-3">
      <span className="h-4 w-32 rounded-control bg-sunken" />
    </div>
  </div>
);

const NoRecords = ({ collection, onLook }: { collection: Collection; onLook: () => void }) => {
  const isView = collection.type === 'view';
  return (
    <StateView
      picture="empty"
      title={words.empty.title(collection.name)}
      body={isView ? words.empty.viewBody : words.empty.body}
    >
      {isView ? null : (
        <>
          <CodeBlock code={createRecordCall(collection)} label={words.empty.label} />
          <p className="text-meta text-muted">{messages.collections.tokenHint}</p>
        </>
      )}
      <Button onClick={onLook}>{words.empty.look}</Button>
    </StateView>
  );
};

type SortMenuProps = {
  collection: Collection;
  columns: readonly Column[];
  sort: string;
  onSort: (sort: string) => void;
};

/** The headings a phone has no room for. */
const SortMenu = ({ collection, columns, sort, onSort }: SortMenuProps) => {
  const sortable = columns.filter((column) => column.sortable);
  const isListed = sort === '' || sortable.some(({ field }) => field.name === parseSort(sort)?.field);
  return (
    <label className="flex min-w-0 items-center gap-2 text-grid text-muted">
      {words.sortBy}
      <select
        value={sort}
        onChange={(event) => onSort(event.target.value)}
        className="h-8 max-w-44 min-w-0 truncate rounded-control border border-control bg-surface px-2 text-text coarse:h-11"
      >
        <option value="">{collection.type === 'view' ? words.sortDefault : words.sortNewest}</option>
        {isListed ? null : <option value={sort}>{words.sortCustom(sort)}</option>}
        {sortable.map(({ field }) => (
          <optgroup key={field.id} label={field.name}>
            <option value={field.name}>{words.sortAscending(field.name)}</option>
            <option value={`-${field.name}`}>{words.sortDescending(field.name)}</option>
          </optgroup>
        ))}
      </select>
    </label>
  );
};

const BottomBar = ({ rows, from, to }: { rows: Rows; from: number; to: number }) => (
  <footer className="flex h-10 shrink-0 items-center gap-3 border-t border-line bg-surface px-3 text-grid text-muted tabular-nums">
    {rows.total === undefined || rows.total === 0 ? null : (
      <span>{words.range(from + 1, Math.min(to + 1, rows.total), rows.total)}</span>
    )}
    {rows.hasGaps ? (
      <span role="alert" className="flex items-center gap-2 text-danger">
        {words.partial}
        <Button onClick={rows.reload}>{messages.common.retry}</Button>
      </span>
    ) : null}
  </footer>
);

type CollectionRecordsProps = {
  collection: Collection;
  collections: readonly Collection[];
  recordId: string | undefined;
  sort: string;
  onSort: (sort: string) => void;
  onOpen: (id: string | undefined) => void;
};

const CollectionRecords = ({
  collection,
  collections,
  recordId,
  sort,
  onSort,
  onOpen,
}: CollectionRecordsProps) => {
  useTitle(collection.name);
  const form = useForm();
  const isPhone = form === 'phone';
  const gridRem = useCoarsePointer() ? rowRem.coarse : rowRem.fine;
  const [isFull, setFull] = useState(false);
  const [range, setRange] = useState({ start: 0, end: 0 });
  const columns = useMemo(() => columnsOf(collection), [collection]);

  const rows = useRecordRows({ collection, collections, columns, sort }, range);
  const rowWindow = useRowWindow({
    count: rows.total ?? 0,
    rowRem: isPhone ? cardRem : gridRem,
    headerRem: isPhone ? 0 : gridRem,
    memoryKey: `${form} ${collection.id} ${sort}`,
  });
  const { start, end } = rowWindow;
  if (range.start !== start || range.end !== end) setRange({ start, end });

  const mounted = Array.from({ length: end - start }, (_, step) => rows.rowAt(start + step));
  const fileToken = useFileToken(collection, mounted);
  const context = useMemo<CellContext>(
    () => ({ collection, collections, fileToken }),
    [collection, collections, fileToken],
  );

  const index = recordId === undefined ? -1 : rows.indexOf(recordId);
  const neighbour = (step: number) => {
    const id = index < 0 ? undefined : rows.rowAt(index + step)?.id;
    return id === undefined ? undefined : () => onOpen(id);
  };

  const panel =
    recordId === undefined ? null : (
      <RecordPanel
        id={recordId}
        context={context}
        place={isPhone ? 'page' : form === 'tablet' ? 'sheet' : 'beside'}
        isFull={!isPhone && isFull}
        onToggleFull={isPhone ? undefined : () => setFull(!isFull)}
        onPrevious={neighbour(-1)}
        onNext={neighbour(1)}
        onClose={() => {
          onOpen(undefined);
          rowWindow.element?.focus();
        }}
      />
    );
  if (panel !== null && (isPhone || isFull)) return panel;

  const body = () => {
    if (rows.error?.kind === 'invalid' && sort !== '') {
      return (
        <StateView
          picture="failed"
          title={words.badSort.title}
          body={words.badSort.body(sort)}
          detail={messages.errors.detail(rows.error)}
        >
          <Button onClick={() => onSort('')}>{words.badSort.act}</Button>
        </StateView>
      );
    }
    if (rows.error) return <ErrorState error={rows.error} onRetry={rows.reload} />;
    if (rows.total === undefined) {
      return isPhone ? <CardSkeleton /> : <GridSkeleton columns={columns} rem={gridRem} />;
    }
    if (rows.total === 0) return <NoRecords collection={collection} onLook={rows.reload} />;
    if (isPhone) {
      return (
        <RecordCards rows={rows} columns={columns} context={context} sort={sort} rowWindow={rowWindow} />
      );
    }
    return (
      <RecordGrid
        key={collection.id}
        rows={rows}
        columns={columns}
        context={context}
        sort={sort}
        openId={recordId}
        rowWindow={rowWindow}
        onSort={onSort}
        onOpen={onOpen}
      />
    );
  };

  return (
    <div className="flex h-full min-w-0 flex-col">
      <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface ps-4 pe-2 sm:ps-3">
        <span className="text-muted">
          <Icon name={collection.type} />
        </span>
        <h1 className="min-w-0 truncate text-title font-semibold">{collection.name}</h1>
        <span className="text-meta text-muted">{messages.collections.types[collection.type]}</span>
        <span className="ms-auto">
          <IconButton icon="reload" label={words.reload} onClick={rows.reload} />
        </span>
      </header>
      {isPhone && rows.total !== undefined && rows.total > 0 ? (
        <div className="flex h-14 shrink-0 items-center justify-between gap-3 border-b border-line bg-canvas px-4">
          <span className="shrink-0 text-grid text-muted tabular-nums">{words.count(rows.total)}</span>
          <SortMenu collection={collection} columns={columns} sort={sort} onSort={onSort} />
        </div>
      ) : null}
      <div className="relative flex min-h-0 flex-1">
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="relative min-h-0 flex-1 overflow-y-auto">
            {rows.isFetching && rows.total !== undefined ? (
              <div
                aria-hidden="true"
                className="appear-late absolute inset-x-0 top-0 z-30 h-0.5 overflow-hidden"
              >
                <div className="progress-line h-full w-1/4 bg-accent" />
              </div>
            ) : null}
            {body()}
          </div>
          {rows.error || rows.total === 0 || (isPhone && !rows.hasGaps) ? null : (
            <BottomBar rows={rows} from={rowWindow.firstVisible} to={rowWindow.lastVisible} />
          )}
        </div>
        {panel === null ? null : (
          <aside
            className={
              form === 'desktop'
                ? 'w-120 shrink-0 border-s border-line'
                : 'slide-in absolute inset-y-0 end-0 z-30 w-140 max-w-full border-s border-line shadow-2'
            }
          >
            {panel}
          </aside>
        )}
      </div>
    </div>
  );
};

type RecordsPageProps = {
  nameOrId: string;
  recordId: string | undefined;
  sort: string;
  onSort: (sort: string) => void;
  onOpen: (id: string | undefined) => void;
};

/** The records of the collection an address names. */
export const RecordsPage = ({ nameOrId, ...rest }: RecordsPageProps) => {
  const { data: collections, error, isPending, refetch } = useCollections();
  if (isPending) return <PageSkeleton />;
  if (!collections)
    return <ErrorState heading="h1" error={toApiError(error)} onRetry={() => void refetch()} />;
  const collection = findCollection(collections, nameOrId);
  if (!collection) {
    return (
      <StateView
        heading="h1"
        picture="missing"
        title={messages.collections.notFound.title}
        body={messages.collections.notFound.body(nameOrId)}
      >
        <Link to="/c" className={buttonClass()}>
          {messages.collections.notFound.act}
        </Link>
      </StateView>
    );
  }
  return (
    <CollectionRecords key={collection.id} collection={collection} collections={collections} {...rest} />
  );
};
