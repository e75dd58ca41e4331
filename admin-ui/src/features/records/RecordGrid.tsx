import {
  useEffect,
  useId,
  useMemo,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
} from 'react';
import { copyText, Icon } from '@/components';
import { decimalsOf } from '@/locale';
import { messages } from '@/messages.en';
import type { CellContext } from './CellValue';
import type { Column } from './columns';
import { cellId, cellRing, GridRow } from './GridRow';
import { nextSort, parseSort } from './sort';
import type { Rows } from './useRecords';
import type { useRowWindow } from './useRowWindow';
import { valueText } from './values';

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

  const onRowClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element)) return;
    const index = Number(event.target.closest<HTMLElement>('[data-index]')?.dataset.index ?? NaN);
    const record = rows.rowAt(index);
    if (!record) return;
    setActive({ row: index, column: active.column });
    if (event.target.closest('a, button') !== null) return;
    if (window.getSelection()?.isCollapsed === false) return;
    onOpen(record.id);
  };

  // Read by every row, so that none of them has to be told.
  const tracks = {
    '--grid-columns': columns.map(({ track }) => track).join(' '),
    '--grid-width': `${columns.reduce((sum, { rem }) => sum + rem, 0)}rem`,
    scrollPaddingInlineStart: `${columns[0]?.rem ?? 0}rem`,
  } as CSSProperties;

  // Taken from the first rows, which stay loaded: scrolling must not change how a number is written.
  const { sample } = rows;
  const decimals = useMemo(
    () =>
      columns.map(({ field }) => {
        if (field.type !== 'number' || field.onlyInt) return 0;
        return decimalsOf(
          sample.map((record) => record[field.name]).filter((value) => typeof value === 'number'),
        );
      }),
    [columns, sample],
  );

  const mounted = Array.from({ length: end - start }, (_, index) => start + index);
  const focus = useMemo(
    () => ({ column: active.column, isLow: active.row > lastVisible - 4 && active.row > 4 }),
    [active, lastVisible],
  );
  // The row with the focus stays mounted however far it is scrolled away.
  if (byKeyboard && active.row >= 0 && active.row < total && !mounted.includes(active.row))
    mounted.push(active.row);

  return (
    <div
      ref={attach}
      role="grid"
      tabIndex={0}
      aria-label={words.grid(name)}
      aria-rowcount={rows.total === undefined ? -1 : total + 1}
      aria-colcount={columns.length}
      aria-busy={rows.isFetching}
      aria-activedescendant={byKeyboard ? cellId(gridId, active.row, active.column) : undefined}
      onKeyDown={onKeyDown}
      onFocus={(event) => setByKeyboard(event.currentTarget.matches(':focus-visible') || byKeyboard)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setByKeyboard(false);
      }}
      onPointerDown={(event) => {
        if (event.target instanceof Element && event.target.closest('a, button') === null)
          setByKeyboard(false);
      }}
      style={tracks}
      className="h-full overflow-auto bg-surface focus-visible:-outline-offset-2"
    >
      <div role="rowgroup" className="grid-width sticky top-0 z-20">
        <div
          role="row"
          aria-rowindex={1}
          style={{ height: rowHeight }}
          className="grid-columns grid border-b border-line bg-sunken"
        >
          {columns.map((column, position) => {
            const direction = sorted?.field === column.field.name ? sorted.direction : undefined;
            return (
              <div
                key={column.field.id}
                id={cellId(gridId, heading, position)}
                role="columnheader"
                aria-colindex={position + 1}
                aria-sort={column.sortable ? (direction ?? 'none') : undefined}
                className={`flex min-w-0 items-center text-meta font-medium text-muted ${
                  position === 0 ? 'sticky start-0 z-10 border-e border-line bg-inherit' : ''
                } ${byKeyboard && active.row === heading && active.column === position ? cellRing : ''}`}
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
        onClick={onRowClick}
        className={`grid-width relative transition-opacity ${rows.isStale ? 'opacity-50' : ''}`}
        style={{ height }}
      >
        {mounted.map((index) => {
          const record = rows.rowAt(index);
          return (
            <GridRow
              key={index}
              gridId={gridId}
              index={index}
              record={record}
              columns={columns}
              decimals={decimals}
              context={context}
              sort={sort}
              top={offsetOf(index)}
              height={rowHeight}
              isOpen={record !== undefined && record.id === openId}
              focus={byKeyboard && active.row === index ? focus : null}
            />
          );
        })}
      </div>
    </div>
  );
};
