import { memo } from 'react';
import type { RecordData } from '@/api';
import { Icon, MenuList, type MenuAct } from '@/components';
import { messages } from '@/messages.en';
import { CellEditor, type CellEdit } from './CellEditor';
import { CellPeek } from './CellPeek';
import { CellValue, type CellContext } from './CellValue';
import type { Column } from './columns';
import { recordHref, type ListQuery } from './hrefs';
import { inlineKind } from './inlineEdit';
import { recordTitle } from './values';

/** The element of a cell, by which the grid names the one with the focus. */
export const cellId = (gridId: string, row: number, column: number): string => `${gridId}-${row}-${column}`;

export const cellRing = 'outline-2 -outline-offset-2 outline-focus';

export type CellMenu = {
  column: number;
  label: string;
  acts: readonly MenuAct[];
  onClose: (keepFocus: boolean) => void;
};

type GridRowProps = {
  gridId: string;
  index: number;
  /** Undefined while its page is on the way. */
  record: RecordData | undefined;
  columns: readonly Column[];
  /** Decimals of each column. */
  decimals: readonly number[];
  context: CellContext;
  query: ListQuery;
  top: number;
  height: number;
  isOpen: boolean;
  isSelected: boolean;
  /** The column with the focus, if it is in this row; whether there is more room above it than below. */
  focus: { column: number; isLow: boolean; isShown: boolean } | null;
  edit: CellEdit | null;
  menu: CellMenu | null;
  /** The field that was just saved. */
  saved: string | null;
};

const Skeleton = ({ column }: { column: Column }) => (
  <span
    className={`h-3 rounded-control bg-sunken ${column.end ? 'ms-auto w-1/2' : 'w-3/4'}`}
    aria-label={messages.common.loading}
  />
);

/** One row. Scrolling renders the grid for each row that comes into sight, so those already there must not render. */
export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { gridId, index, record, columns, decimals, context, query, top, height } = props;
  const { isOpen, isSelected, focus, edit, menu, saved } = props;
  const titleFields = columns.slice(0, 1).map(({ field }) => field);
  const title = record ? recordTitle(record, titleFields) : '';

  const content = (column: Column, position: number) => {
    if (record === undefined) return <Skeleton column={column} />;
    if (edit?.column === position) return <CellEditor column={column} record={record} edit={edit} />;
    const value = (
      <CellValue column={column} record={record} context={context} decimals={decimals[position] ?? 0} />
    );
    if (position === 0) {
      return (
        <a
          href={recordHref(context.collection.name, record.id, query)}
          tabIndex={-1}
          aria-label={messages.records.open(title)}
          className="flex min-w-0 hover:underline"
        >
          {value}
        </a>
      );
    }
    if (inlineKind(column.field, context.collection) !== 'toggle') return value;
    return (
      <button
        type="button"
        tabIndex={-1}
        data-toggle={position}
        title={messages.recordGrid.edit.toggle(column.field.name, record[column.field.name] === true)}
        className="-ms-2 flex h-7 min-w-8 items-center justify-center rounded-control border border-transparent hover:border-control hover:bg-surface coarse:h-11 coarse:min-w-11"
      >
        {value}
      </button>
    );
  };

  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-current={isOpen ? 'true' : undefined}
      data-index={index}
      style={{ top, height }}
      className={`grid-columns absolute inset-x-0 grid cursor-default border-b border-line text-grid ${
        isSelected || isOpen ? 'bg-accent-soft' : 'bg-surface hover:bg-sunken'
      } ${focus || edit || menu ? 'z-10' : ''}`}
    >
      <div
        role="gridcell"
        aria-colindex={1}
        data-select
        className="sticky start-0 z-10 flex items-center justify-center bg-inherit"
      >
        {record ? (
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={messages.recordGrid.selection.select(title)}
            checked={isSelected}
            readOnly
            className="size-4 accent-accent coarse:size-5"
          />
        ) : null}
      </div>
      {columns.map((column, position) => (
        <div
          key={column.field.id}
          id={cellId(gridId, index, position)}
          role="gridcell"
          aria-colindex={position + 2}
          data-column={position}
          className={`relative flex min-w-0 items-center px-3 ${
            position === 0 ? 'sticky start-9 z-10 border-e border-line bg-inherit font-medium' : ''
          } ${column.end ? 'justify-end tabular-nums' : ''} ${column.mono ? 'font-mono text-meta' : ''} ${
            focus?.column === position ? `${cellRing} z-20` : ''
          } ${edit?.column === position || menu?.column === position ? 'z-20' : ''}`}
        >
          {content(column, position)}
          {saved === column.field.name ? (
            <span className="absolute inset-y-0 end-1 flex items-center text-ok">
              <Icon name="tick" />
              <span role="status" className="sr-only">
                {messages.recordGrid.edit.saved}
              </span>
            </span>
          ) : null}
          {record && focus?.column === position && focus.isShown && !edit && !menu ? (
            <CellPeek column={column} record={record} above={focus.isLow} />
          ) : null}
          {menu?.column === position ? (
            <MenuList
              label={menu.label}
              acts={menu.acts}
              onClose={(how) => menu.onClose(how?.keepFocus === true)}
              className={`absolute font-sans ${focus?.isLow === true ? 'bottom-full' : 'top-full'} ${
                position > columns.length / 2 ? 'end-0' : 'start-0'
              }`}
            />
          ) : null}
        </div>
      ))}
    </div>
  );
});
