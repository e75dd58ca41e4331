import { lazy, Suspense, useMemo, useState } from 'react';
import type { Collection, RecordData } from '@/api';
import {
  Button,
  CodeBlock,
  ErrorState,
  Icon,
  IconButton,
  StateView,
  useCoarsePointer,
  useForm,
  useTitle,
} from '@/components';
import { CollectionHeader, createRecordCall } from '@/features/collections';
import { messages } from '@/messages.en';
import { useShortcuts } from '@/preferences';
import { BottomBar } from './BottomBar';
import { cellFilter } from './cellFilter';
import type { CellContext } from './CellValue';
import { useColumnLayout } from './columnLayout';
import { columnsOf, titleFields } from './columns';
import { recordsOf, saveText } from './exportRecords';
import { listFilter } from './filterText';
import type { ListQuery } from './hrefs';
import { PanelSkeleton } from './PanelSkeleton';
import { RecordCards } from './RecordCards';
import { RecordGrid } from './RecordGrid';
import { CardSkeleton, GridSkeleton } from './RecordSkeletons';
import { SearchBar } from './SearchBar';
import { SortMenu } from './SortMenu';
import { useListSearch } from './useListSearch';
import { useFileToken, useRecordRows } from './useRecords';
import { useRowWindow } from './useRowWindow';
import { useSelection } from './useSelection';
import { recordTitle } from './values';

const words = messages.records;

// Not needed for the first grid.
const RecordPanel = lazy(async () => ({ default: (await import('./panels')).RecordPanel }));
const NewRecordPanel = lazy(async () => ({ default: (await import('./panels')).NewRecordPanel }));
const BulkEditSheet = lazy(async () => ({ default: (await import('./panels')).BulkEditSheet }));
const DeleteSheet = lazy(async () => ({ default: (await import('./panels')).DeleteSheet }));
const ColumnsSheet = lazy(async () => ({ default: (await import('./panels')).ColumnsSheet }));
const gridWords = messages.recordGrid;

const cardRem = 4.25;
const rowRem = { fine: 2.25, coarse: 2.75 };
const headerRem = { fine: 2.25, coarse: 2.75 };

/** The id in the address of a record that is being made. */
export const newRecord = 'new';

export type RecordsRoute = {
  recordId: string | undefined;
  /** The record a new one begins as a copy of. */
  from: string | undefined;
  query: ListQuery;
  /** `replace` while a person is typing: going back means before that. */
  onQuery: (query: ListQuery, replace?: boolean) => void;
  onOpen: (id: string | undefined, how?: { from?: string; replace?: boolean }) => void;
};

type NoRecordsProps = { collection: Collection; onNew: () => void; onLook: () => void };

const NoRecords = ({ collection, onNew, onLook }: NoRecordsProps) => {
  const isView = collection.type === 'view';
  return (
    <StateView
      picture="empty"
      title={words.empty.title(collection.name)}
      body={isView ? words.empty.viewBody : words.empty.body}
    >
      {isView ? (
        <Button onClick={onLook}>{words.empty.look}</Button>
      ) : (
        <>
          <Button look="accent" onClick={onNew}>
            {gridWords.newRecord}
          </Button>
          <CodeBlock code={createRecordCall(collection)} label={words.empty.label} />
          <p className="text-meta text-muted">{messages.collections.tokenHint}</p>
          <Button onClick={onLook}>{words.empty.look}</Button>
        </>
      )}
    </StateView>
  );
};

type Sheet =
  | { kind: 'columns' }
  | { kind: 'edit'; ids: readonly string[] }
  | { kind: 'delete'; ids: readonly string[]; title: string }
  | null;

type CollectionRecordsProps = RecordsRoute & {
  collection: Collection;
  collections: readonly Collection[];
};

export const CollectionRecords = (props: CollectionRecordsProps) => {
  const { collection, collections, recordId, from, query, onQuery, onOpen } = props;
  useTitle(collection.name);
  const form = useForm();
  const isPhone = form === 'phone';
  const pointer = useCoarsePointer() ? 'coarse' : 'fine';
  const [isFull, setFull] = useState(false);
  const [range, setRange] = useState({ start: 0, end: 0 });
  const [sheet, setSheet] = useState<Sheet>(null);
  const [exportFailed, setExportFailed] = useState(false);
  const usual = useMemo(() => columnsOf(collection), [collection]);
  const columns = useColumnLayout(collection.id, usual);
  const { sort = '', q = '', filter = '' } = query;
  const asked = useMemo(() => listFilter(collection, filter, q), [collection, filter, q]);
  const canWrite = collection.type !== 'view';

  const rows = useRecordRows({ collection, collections, columns: columns.shown, sort, filter: asked }, range);
  const rowWindow = useRowWindow({
    count: rows.total ?? 0,
    rowRem: isPhone ? cardRem : rowRem[pointer],
    headerRem: isPhone ? 0 : headerRem[pointer],
    memoryKey: `${form} ${collection.id} ${sort} ${asked}`,
  });
  const { start, end } = rowWindow;
  if (range.start !== start || range.end !== end) setRange({ start, end });
  const selection = useSelection(rows);
  const search = useListSearch({ collection, query, onQuery });

  const mounted = Array.from({ length: end - start }, (_, step) => rows.rowAt(start + step));
  const fileToken = useFileToken(collection, mounted);
  const context = useMemo<CellContext>(
    () => ({ collection, collections, fileToken }),
    [collection, collections, fileToken],
  );

  const onSort = (next: string) => onQuery({ ...query, sort: next });
  const onNew = () => onOpen(newRecord);
  const onDuplicate = (id: string) => onOpen(newRecord, { from: id });
  const titleOf = (record: RecordData) => recordTitle(record, titleFields(collection));
  const askDelete = (records: readonly RecordData[]) =>
    setSheet({
      kind: 'delete',
      ids: records.map(({ id }) => id),
      title: records[0] ? titleOf(records[0]) : '',
    });
  const askDeleteSelected = () => {
    const [only] = selection.count === 1 ? rows.loaded().filter(({ id }) => selection.ids.has(id)) : [];
    if (only) askDelete([only]);
    else setSheet({ kind: 'delete', ids: [...selection.ids], title: '' });
  };
  const askEditSelected = () => setSheet({ kind: 'edit', ids: [...selection.ids] });
  const onExport = () => {
    setExportFailed(false);
    recordsOf(collection, [...selection.ids]).then(
      (records) =>
        saveText(
          gridWords.selection.exported(collection.name),
          JSON.stringify(records, null, 2),
          'application/json',
        ),
      () => setExportFailed(true),
    );
  };

  useShortcuts(canWrite && recordId === undefined ? { n: onNew } : {});

  const index = recordId === undefined ? -1 : rows.indexOf(recordId);
  const neighbour = (step: number) => {
    const id = index < 0 ? undefined : rows.rowAt(index + step)?.id;
    return id === undefined ? undefined : () => onOpen(id);
  };
  const close = () => {
    onOpen(undefined);
    rowWindow.element?.focus();
  };
  const moves = {
    place: isPhone ? ('page' as const) : form === 'tablet' ? ('sheet' as const) : ('beside' as const),
    isFull: !isPhone && isFull,
    onToggleFull: isPhone ? undefined : () => setFull(!isFull),
    onClose: close,
  };
  const panel = () => {
    if (recordId === undefined) return null;
    if (recordId === newRecord && canWrite) {
      return (
        <NewRecordPanel
          {...moves}
          context={context}
          from={from}
          onCreated={({ id }) => onOpen(id, { replace: true })}
        />
      );
    }
    return (
      <RecordPanel
        {...moves}
        id={recordId}
        context={context}
        onPrevious={neighbour(-1)}
        onNext={neighbour(1)}
        onDuplicate={() => onDuplicate(recordId)}
        onDelete={(record) => askDelete([record])}
      />
    );
  };
  const covers = recordId !== undefined && (isPhone || isFull);

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
    if (rows.error?.kind === 'invalid' && filter !== '') {
      return (
        <StateView
          picture="failed"
          title={gridWords.search.badFilter.title}
          body={gridWords.search.badFilter.body}
          detail={messages.errors.detail(rows.error)}
        >
          <Button onClick={search.clear}>{gridWords.search.badFilter.act}</Button>
        </StateView>
      );
    }
    if (rows.error) return <ErrorState error={rows.error} onRetry={rows.reload} />;
    if (rows.total === undefined) {
      return isPhone ? <CardSkeleton /> : <GridSkeleton columns={columns.shown} rem={rowRem[pointer]} />;
    }
    if (rows.total === 0 && asked !== '') {
      return (
        <StateView
          picture="noMatch"
          title={gridWords.search.noMatch.title}
          body={gridWords.search.noMatch.body(collection.name, q, filter)}
        >
          <Button onClick={search.clear}>{gridWords.search.clearAll}</Button>
        </StateView>
      );
    }
    if (rows.total === 0) return <NoRecords collection={collection} onNew={onNew} onLook={rows.reload} />;
    if (isPhone) {
      return (
        <RecordCards
          rows={rows}
          columns={columns.shown}
          context={context}
          query={query}
          sort={sort}
          rowWindow={rowWindow}
          selection={selection}
        />
      );
    }
    return (
      <RecordGrid
        key={collection.id}
        rows={rows}
        columns={columns}
        context={context}
        query={query}
        openId={recordId}
        rowWindow={rowWindow}
        selection={selection}
        onSort={onSort}
        onOpen={(id) => onOpen(id)}
        onDuplicate={onDuplicate}
        onDelete={(record) => askDelete([record])}
        onFilterBy={(column, record, isExcluded) => {
          if (!column.filterable) return;
          search.addCondition(cellFilter(column, record, isExcluded));
        }}
        onEditSelected={askEditSelected}
        onDeleteSelected={askDeleteSelected}
      />
    );
  };

  const showsBar =
    selection.count > 0 || (rows.error === null && rows.total !== 0 && (!isPhone || rows.hasGaps));
  return (
    <div className="flex h-full min-w-0 flex-col">
      {covers ? null : (
        <CollectionHeader collection={collection}>
          {isPhone ? null : (
            <IconButton
              icon="columns"
              label={gridWords.columns.button}
              onClick={() => setSheet({ kind: 'columns' })}
            />
          )}
          <IconButton icon="reload" label={words.reload} onClick={rows.reload} />
          {canWrite ? (
            <Button look="accent" aria-keyshortcuts="n" onClick={onNew}>
              <Icon name="plus" />
              {isPhone ? gridWords.newRecordShort : gridWords.newRecord}
            </Button>
          ) : null}
        </CollectionHeader>
      )}
      {covers ? null : <SearchBar search={search} collection={collection} collections={collections} />}
      {isPhone && !covers && rows.total !== undefined && rows.total > 0 ? (
        <div className="flex h-14 shrink-0 items-center justify-between gap-3 border-b border-line bg-canvas px-4">
          <span className="shrink-0 text-grid text-muted tabular-nums">{words.count(rows.total)}</span>
          <SortMenu collection={collection} columns={columns.shown} sort={sort} onSort={onSort} />
        </div>
      ) : null}
      <div className="relative flex min-h-0 flex-1">
        {covers ? null : (
          <div className="flex min-w-0 flex-1 flex-col">
            <div className="relative min-h-0 flex-1 overflow-y-auto">
              {rows.isFetching && rows.total !== undefined ? (
                <div
                  aria-hidden="true"
                  className="appear-late absolute inset-x-0 top-0 z-40 h-0.5 overflow-hidden"
                >
                  <div className="progress-line h-full w-1/4 bg-accent" />
                </div>
              ) : null}
              {body()}
            </div>
            {showsBar ? (
              <BottomBar
                rows={rows}
                from={rowWindow.firstVisible}
                to={rowWindow.lastVisible}
                selection={selection}
                total={rows.total ?? 0}
                canWrite={canWrite}
                isPhone={isPhone}
                hasFailed={exportFailed}
                onEdit={askEditSelected}
                onExport={onExport}
                onDelete={askDeleteSelected}
              />
            ) : null}
          </div>
        )}
        {recordId === undefined ? null : (
          <aside
            className={
              covers
                ? 'min-w-0 flex-1'
                : form === 'desktop'
                  ? 'w-120 shrink-0 border-s border-line'
                  : 'slide-in absolute inset-y-0 end-0 z-40 w-140 max-w-full border-s border-line shadow-2'
            }
          >
            <Suspense fallback={<PanelSkeleton />}>{panel()}</Suspense>
          </aside>
        )}
      </div>
      <Suspense>
        {sheet?.kind === 'columns' ? <ColumnsSheet columns={columns} onClose={() => setSheet(null)} /> : null}
        {sheet?.kind === 'edit' ? (
          <BulkEditSheet
            context={context}
            ids={sheet.ids}
            known={rows.loaded().filter(({ id }) => sheet.ids.includes(id))}
            onClose={() => setSheet(null)}
            onChanged={selection.without}
          />
        ) : null}
        {sheet?.kind === 'delete' ? (
          <DeleteSheet
            collection={collection}
            collections={collections}
            ids={sheet.ids}
            title={sheet.title}
            onClose={() => setSheet(null)}
            onDeleted={(ids) => {
              selection.without(ids);
              if (recordId !== undefined && ids.includes(recordId)) close();
            }}
          />
        ) : null}
      </Suspense>
    </div>
  );
};
