import type { RecordData } from '@/api';
import { Icon } from '@/components';
import { messages } from '@/messages.en';
import { CellValue, type CellContext } from './CellValue';
import { titleFields, type Column } from './columns';
import { recordHref, type ListQuery } from './hrefs';
import { parseSort } from './sort';
import type { Rows } from './useRecords';
import type { useRowWindow } from './useRowWindow';
import type { Selection } from './useSelection';
import { recordTitle } from './values';

const words = messages.records;

const goodSecond = new Set(['text', 'email', 'select', 'relation', 'url']);
const goodEnd = ['number', 'date', 'bool', 'autodate'];

export type CardColumns = { second: Column[]; end: Column | undefined };

/** What a card shows beside the name: the sorted column at the end, and two telling fields below. */
export const cardColumns = (
  columns: readonly Column[],
  titles: readonly string[],
  sort: string,
): CardColumns => {
  const rest = columns.filter(({ field }) => !titles.includes(field.name) && field.name !== 'id');
  const sorted = rest.find(({ field }) => field.name === parseSort(sort)?.field);
  const usual = goodEnd.map((type) => rest.find(({ field }) => field.type === type)).find(Boolean);
  const end = sorted ?? usual;
  const second = rest.filter((column) => column !== end && goodSecond.has(column.field.type)).slice(0, 2);
  return { second, end };
};

type RecordCardsProps = {
  rows: Rows;
  columns: readonly Column[];
  context: CellContext;
  query: ListQuery;
  sort: string;
  rowWindow: ReturnType<typeof useRowWindow>;
  selection: Selection;
};

/** The records on a phone: two lines each, the whole card being the link. */
export const RecordCards = ({
  rows,
  columns,
  context,
  query,
  sort,
  rowWindow,
  selection,
}: RecordCardsProps) => {
  const { attach, start, end: past, height, offsetOf } = rowWindow;
  const titles = titleFields(context.collection);
  const { second, end } = cardColumns(
    columns,
    titles.map(({ name }) => name),
    sort,
  );
  const mounted = Array.from({ length: past - start }, (_, index) => start + index);

  const filled = (record: RecordData) =>
    second.filter(({ field }) => {
      const value = record[field.name];
      return value !== '' && value !== undefined && !(Array.isArray(value) && value.length === 0);
    });

  const content = (record: RecordData) => (
    <>
      <span className="flex min-w-0 flex-1 flex-col gap-1">
        <span className="flex items-baseline gap-3">
          <span
            className={`min-w-0 flex-1 truncate font-medium ${titles.length === 0 ? 'font-mono text-grid' : ''}`}
          >
            {recordTitle(record, titles)}
          </span>
          {end ? (
            <span className="max-w-32 shrink-0 truncate text-grid text-muted tabular-nums">
              <span className="sr-only">{end.field.name} </span>
              <CellValue column={end} record={record} context={context} relations="text" />
            </span>
          ) : null}
        </span>
        <span className="flex h-6 min-w-0 items-center gap-2 text-grid text-muted">
          {filled(record).length === 0 ? (
            <span className="truncate font-mono text-meta">{titles.length === 0 ? null : record.id}</span>
          ) : (
            filled(record).map((column) => (
              <span key={column.field.id} className="flex min-w-0 items-center">
                <CellValue column={column} record={record} context={context} relations="text" />
              </span>
            ))
          )}
        </span>
      </span>
      <span className="text-muted">
        <Icon name="chevronRight" />
      </span>
    </>
  );

  return (
    <div ref={attach} className="h-full overflow-y-auto bg-surface">
      <ul
        aria-label={words.list(context.collection.name)}
        aria-busy={rows.isFetching}
        className={`relative ${rows.isStale ? 'opacity-50' : ''}`}
        style={{ height: height }}
      >
        {mounted.map((index) => {
          const record = rows.rowAt(index);
          return (
            <li
              key={index}
              aria-setsize={rows.total}
              aria-posinset={index + 1}
              style={{ top: offsetOf(index) }}
              className="absolute inset-x-0 h-17 border-b border-line"
            >
              {record ? (
                <div className={`flex h-full ${selection.ids.has(record.id) ? 'bg-accent-soft' : ''}`}>
                  <label className="flex w-12 shrink-0 items-center justify-center">
                    <input
                      type="checkbox"
                      checked={selection.ids.has(record.id)}
                      aria-label={messages.recordGrid.selection.select(recordTitle(record, titles))}
                      onChange={() => selection.toggle(index)}
                      className="size-5 accent-accent"
                    />
                  </label>
                  <a
                    href={recordHref(context.collection.name, record.id, query)}
                    className="flex min-w-0 flex-1 items-center gap-2 pe-3 -outline-offset-2 active:bg-sunken"
                  >
                    {content(record)}
                  </a>
                </div>
              ) : (
                <div
                  className="flex h-full flex-col justify-center gap-3 px-4"
                  aria-label={messages.common.loading}
                >
                  <span className="h-3 w-1/2 rounded-control bg-sunken" />
                  <span className="h-3 w-3/4 rounded-control bg-sunken" />
                </div>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
};
