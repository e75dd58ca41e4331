import { useRef, type PointerEvent } from 'react';
import { Icon, MenuList, type MenuAct } from '@/components';
import { messages } from '@/messages.en';
import type { Column } from './columns';
import { cellId, cellRing } from './GridRow';
import { nextSort, parseSort } from './sort';

const words = messages.recordGrid;

type ResizeHandleProps = { column: Column; onResize: (rem: number) => void };

/** The edge of a heading, to be drawn; the menu of the heading does the same by keys. */
const ResizeHandle = ({ column, onResize }: ResizeHandleProps) => {
  const start = useRef<{ x: number; width: number } | null>(null);
  const unit = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const onMove = (event: PointerEvent<HTMLElement>) => {
    if (!start.current) return;
    const isRtl = getComputedStyle(event.currentTarget).direction === 'rtl';
    const way = isRtl ? start.current.x - event.clientX : event.clientX - start.current.x;
    onResize((start.current.width + way) / unit());
  };
  return (
    <span
      aria-hidden="true"
      data-resize={column.field.name}
      title={words.columns.resize(column.field.name)}
      onPointerDown={(event) => {
        event.preventDefault();
        event.stopPropagation();
        const cell = event.currentTarget.parentElement;
        start.current = { x: event.clientX, width: cell?.getBoundingClientRect().width ?? 0 };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onMove}
      onPointerUp={() => {
        start.current = null;
      }}
      onPointerCancel={() => {
        start.current = null;
      }}
      className="absolute inset-y-0 end-0 z-10 flex w-2 cursor-col-resize touch-none justify-end after:my-2 after:w-px after:bg-line hover:after:w-0.5 hover:after:bg-accent"
    />
  );
};

export type HeadActs = {
  onSort: (sort: string) => void;
  onHide: (field: string) => void;
  onMove: (field: string, step: -1 | 1) => void;
  onResize: (field: string, rem?: number) => void;
};

const step = 2;

const menuActs = (column: Column, columns: readonly Column[], sort: string, acts: HeadActs): MenuAct[] => {
  const { id, name } = column.field;
  const place = columns.indexOf(column);
  const sortActs: MenuAct[] = column.sortable
    ? [
        { label: words.columns.ascending, icon: 'arrowUp', onAct: () => acts.onSort(name) },
        { label: words.columns.descending, icon: 'arrowDown', onAct: () => acts.onSort(`-${name}`) },
        ...(parseSort(sort)?.field === name
          ? [{ label: words.columns.unsorted, onAct: () => acts.onSort('') }]
          : []),
      ]
    : [];
  return [
    ...sortActs,
    ...(columns.length > 1 ? [{ label: words.columns.hide, onAct: () => acts.onHide(id) }] : []),
    ...(place > 0 ? [{ label: words.columns.left, onAct: () => acts.onMove(id, -1) }] : []),
    ...(place < columns.length - 1 ? [{ label: words.columns.right, onAct: () => acts.onMove(id, 1) }] : []),
    { label: words.columns.wider, onAct: () => acts.onResize(id, column.rem + step) },
    { label: words.columns.narrower, onAct: () => acts.onResize(id, column.rem - step) },
    { label: words.columns.resetWidth, onAct: () => acts.onResize(id) },
  ];
};

type GridHeadProps = HeadActs & {
  gridId: string;
  columns: readonly Column[];
  sort: string;
  height: number;
  /** The column whose heading has the focus. */
  focused: number | null;
  /** The column whose menu is open. */
  menu: number | null;
  selected: 'none' | 'some' | 'all';
  onSelectAll: () => void;
  onMenu: (column: number) => void;
  onCloseMenu: (keepFocus: boolean) => void;
};

/** The headings: they sort, and each has a menu for its column. */
export const GridHead = (props: GridHeadProps) => {
  const { gridId, columns, sort, height, focused, menu, selected, onSelectAll, onMenu, onCloseMenu } = props;
  const { onSort, onHide, onMove, onResize } = props;
  const acts = { onSort, onHide, onMove, onResize };
  const sorted = parseSort(sort);
  return (
    <div
      role="row"
      aria-rowindex={1}
      style={{ height }}
      className="grid-columns grid border-b border-line bg-sunken"
    >
      <div
        role="columnheader"
        aria-colindex={1}
        className="sticky start-0 z-10 flex items-center justify-center bg-inherit"
      >
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={selected === 'all' ? words.selection.none : words.selection.all}
          checked={selected === 'all'}
          ref={(box) => {
            if (box) box.indeterminate = selected === 'some';
          }}
          onChange={onSelectAll}
          className="size-4 accent-accent coarse:size-5"
        />
      </div>
      {columns.map((column, position) => {
        const direction = sorted?.field === column.field.name ? sorted.direction : undefined;
        return (
          <div
            key={column.field.id}
            id={cellId(gridId, -1, position)}
            role="columnheader"
            aria-colindex={position + 2}
            aria-sort={column.sortable ? (direction ?? 'none') : undefined}
            onContextMenu={(event) => {
              event.preventDefault();
              onMenu(position);
            }}
            className={`relative flex min-w-0 items-center text-meta font-medium text-muted ${
              position === 0 ? 'sticky start-9 z-10 border-e border-line bg-inherit' : ''
            } ${menu === position ? 'z-20' : ''} ${focused === position ? cellRing : ''}`}
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
            <ResizeHandle column={column} onResize={(rem) => onResize(column.field.id, rem)} />
            {menu === position ? (
              <MenuList
                label={words.columns.menu(column.field.name)}
                acts={menuActs(column, columns, sort, acts)}
                onClose={(how) => onCloseMenu(how?.keepFocus === true)}
                className={`absolute top-full ${position > columns.length / 2 ? 'end-0' : 'start-0'}`}
              />
            ) : null}
          </div>
        );
      })}
    </div>
  );
};
