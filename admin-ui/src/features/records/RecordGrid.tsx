import { useEffect, useId, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { copyText, Icon } from '@/components';
import { decimalsOf } from '@/locale';
import { messages } from '@/messages.en';
import { CellPeek } from './CellPeek';
import { CellValue, type CellContext } from './CellValue';
import type { Column } from './columns';
import { recordHref } from './hrefs';
import { nextSort, parseSort } from './sort';
import type { Rows } from './useRecords';
import type { useRowWindow } from './useRowWindow';
import { recordTitle, valueText } from './values';

const words = messages.records;

type Cell = { row: number; column: number };

/** The heading counts as the row above the first, so that the arrow keys reach it. */
const heading = -1;

type RecordGridProps = {
  rows: Rows;
  columns: readonly Column[];
  context: CellContext;
  sort: string;
  openId: string | undefined;
  rowWindow: ReturnType<typeof useRowWindow>;
  onSort: (sort: string) => void;
  onOpen: (id: string) => void;
};

const Skeleton = ({ column }: { column: Column }) => (
  <span
    className={`h-3 rounded-control bg-sunken ${column.end ? 'ms-auto w-1/2' : 'w-3/4'}`}
    aria-label={messages.common.loading}
  />
);

export const RecordGrid = ({
  rows,
  columns,
  context,
  sort,
  openId,
  rowWindow,
  onSort,
  onOpen,
}: RecordGridProps) => {
  const gridId = useId();
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 });
  const [byKeyboard, setByKeyboard] = useState(false);
  const total = rows.total ?? 0;
  const { name } = context.collection;
  const sorted = parseSort(sort);

  const openIndex = openId === undefined ? -1 : rows.indexOf(openId);
  const { rowHeight } = rowWindow;
  const { attach, element, start, end, firstVisible, lastVisible, height, offsetOf, scrollToRow } = rowWindow;
  useEffect(() => {
    if (openIndex >= 0) scrollToRow(openIndex);
  }, [openIndex, scrollToRow]);

  const move = (row: number, column: number) => {
    const next = {
      row: Math.max(heading, Math.min(total - 1, row)),
      column: Math.max(0, Math.min(columns.length - 1, column)),
    };
    setActive(next);
    if (next.row >= 0) scrollToRow(next.row);
    element
      ?.querySelector(`[aria-colindex="${next.column + 1}"][role="columnheader"]`)
      ?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  };

  const screen = Math.max(1, lastVisible - firstVisible);

  const act = (event: KeyboardEvent): boolean => {
    const { row, column } = active;
    const whole = event.ctrlKey || event.metaKey;
    switch (event.key) {
      case 'ArrowDown':
        move(row + 1, column);
        return true;
      case 'ArrowUp':
        move(row - 1, column);
        return true;
      case 'ArrowRight':
        move(row, column + 1);
        return true;
      case 'ArrowLeft':
        move(row, column - 1);
        return true;
      case 'PageDown':
        move(row + screen, column);
        return true;
      case 'PageUp':
        move(Math.max(0, row - screen), column);
        return true;
      case 'Home':
        move(whole ? 0 : row, 0);
        return true;
      case 'End':
        move(whole ? total - 1 : row, columns.length - 1);
        return true;
      case 'Enter':
      case 'F2':
      case 'o': {
        if (event.key === 'o' && whole) return false;
        const field = columns[column];
        if (row === heading) {
          if (field?.sortable === true && event.key !== 'o') onSort(nextSort(sort, field.field.name));
          return true;
        }
        const record = rows.rowAt(row);
        if (record) onOpen(record.id);
        return true;
      }
      case 'c': {
        const field = columns[column]?.field;
        const record = rows.rowAt(row);
        // Marked text is what the person means to copy.
        if (!whole || !field || !record || window.getSelection()?.isCollapsed === false) return false;
        void copyText(valueText(field, record[field.name]));
        return true;
      }
      default:
        return false;
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    setByKeyboard(true);
    if (act(event)) event.preventDefault();
  };

  const onRowClick = (event: MouseEvent, row: number, id: string) => {
    setActive({ row, column: active.column });
    if (event.target instanceof Element && event.target.closest('a, button') !== null) return;
    if (window.getSelection()?.isCollapsed === false) return;
    onOpen(id);
  };

  const cellId = ({ row, column }: Cell) => `${gridId}-${row}-${column}`;
  const template = { gridTemplateColumns: columns.map(({ track }) => track).join(' ') };
  const minWidth = `${columns.reduce((sum, { rem }) => sum + rem, 0)}rem`;
  const isActive = (row: number, column: number) =>
    byKeyboard && active.row === row && active.column === column;
  const ring = 'outline-2 -outline-offset-2 outline-focus';

  // Taken from the first rows, which stay loaded: scrolling must not change how a number is written.
  const decimals = columns.map(({ field }) =>
    field.type === 'number' && !field.onlyInt
      ? decimalsOf(
          rows.sample.map((record) => record[field.name]).filter((value) => typeof value === 'number'),
        )
      : 0,
  );

  const mounted = Array.from({ length: end - start }, (_, index) => start + index);
  // The row with the focus stays mounted however far it is scrolled away.
  if (byKeyboard && active.row >= 0 && active.row < total && !mounted.includes(active.row))
    mounted.push(active.row);

  const row = (index: number) => {
    const record = rows.rowAt(index);
    const isOpen = record !== undefined && record.id === openId;
    const title = record
      ? recordTitle(
          record,
          columns.slice(0, 1).map(({ field }) => field),
        )
      : '';
    return (
      <div
        key={index}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={isOpen}
        style={{ ...template, top: offsetOf(index), height: rowHeight, minWidth }}
        className={`absolute inset-x-0 grid cursor-default border-b border-line text-grid ${
          isOpen ? 'bg-accent-soft' : 'bg-surface hover:bg-sunken'
        } ${active.row === index && byKeyboard ? 'z-10' : ''}`}
        onClick={record ? (event) => onRowClick(event, index, record.id) : undefined}
      >
        {columns.map((column, position) => (
          <div
            key={column.field.id}
            id={cellId({ row: index, column: position })}
            role="gridcell"
            aria-colindex={position + 1}
            className={`relative flex min-w-0 items-center px-3 ${position === 0 ? 'sticky start-0 z-10 border-e border-line bg-inherit font-medium' : ''} ${
              column.end ? 'justify-end tabular-nums' : ''
            } ${column.mono ? 'font-mono text-meta' : ''} ${isActive(index, position) ? ring : ''}`}
          >
            {record === undefined ? (
              <Skeleton column={column} />
            ) : position === 0 ? (
              <a
                href={recordHref(name, record.id, sort)}
                tabIndex={-1}
                aria-label={words.open(title)}
                className="flex min-w-0 hover:underline"
              >
                <CellValue column={column} record={record} context={context} />
              </a>
            ) : (
              <CellValue
                column={column}
                record={record}
                context={context}
                decimals={decimals[position] ?? 0}
              />
            )}
            {record && isActive(index, position) ? (
              <CellPeek column={column} record={record} above={index > lastVisible - 4 && index > 4} />
            ) : null}
          </div>
        ))}
      </div>
    );
  };

  return (
    <div
      ref={attach}
      role="grid"
      tabIndex={0}
      aria-label={words.grid(name)}
      aria-rowcount={rows.total === undefined ? -1 : total + 1}
      aria-colcount={columns.length}
      aria-busy={rows.isFetching}
      aria-activedescendant={byKeyboard ? cellId(active) : undefined}
      onKeyDown={onKeyDown}
      onFocus={(event) => setByKeyboard(event.currentTarget.matches(':focus-visible') || byKeyboard)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setByKeyboard(false);
      }}
      onPointerDown={(event) => {
        if (event.target instanceof Element && event.target.closest('a, button') === null)
          setByKeyboard(false);
      }}
      style={{ scrollPaddingInlineStart: `${columns[0]?.rem ?? 0}rem` }}
      className="h-full overflow-auto bg-surface focus-visible:-outline-offset-2"
    >
      <div role="rowgroup" className="sticky top-0 z-20" style={{ minWidth }}>
        <div
          role="row"
          aria-rowindex={1}
          style={{ ...template, height: rowHeight }}
          className="grid border-b border-line bg-sunken"
        >
          {columns.map((column, position) => {
            const direction = sorted?.field === column.field.name ? sorted.direction : undefined;
            return (
              <div
                key={column.field.id}
                id={cellId({ row: heading, column: position })}
                role="columnheader"
                aria-colindex={position + 1}
                aria-sort={column.sortable ? (direction ?? 'none') : undefined}
                className={`flex min-w-0 items-center text-meta font-medium text-muted ${
                  position === 0 ? 'sticky start-0 z-10 border-e border-line bg-inherit' : ''
                } ${isActive(heading, position) ? ring : ''}`}
              >
                {column.sortable ? (
                  <button
                    type="button"
                    tabIndex={-1}
                    onClick={() => onSort(nextSort(sort, column.field.name))}
                    className={`flex h-full w-full min-w-0 items-center gap-1 px-3 hover:text-text ${
                      column.end ? 'flex-row-reverse' : ''
                    } ${direction === undefined ? '' : 'text-text'}`}
                  >
                    <span className="truncate">{column.field.name}</span>
                    {direction === undefined ? null : (
                      <Icon
                        name={direction === 'ascending' ? 'arrowUp' : 'arrowDown'}
                        className="size-3 text-accent"
                      />
                    )}
                  </button>
                ) : (
                  <span className={`truncate px-3 ${column.end ? 'ms-auto' : ''}`}>{column.field.name}</span>
                )}
              </div>
            );
          })}
        </div>
      </div>
      <div
        role="rowgroup"
        className={`relative transition-opacity ${rows.isStale ? 'opacity-50' : ''}`}
        style={{ height: height, minWidth }}
      >
        {mounted.map(row)}
      </div>
    </div>
  );
};
