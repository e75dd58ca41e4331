import { memo } from 'react';
import type { RecordData } from '@/api';
import { messages } from '@/messages.en';
import { CellPeek } from './CellPeek';
import { CellValue, type CellContext } from './CellValue';
import type { Column } from './columns';
import { recordHref } from './hrefs';
import { recordTitle } from './values';

/** The element of a cell, by which the grid names the one with the focus. */
export const cellId = (gridId: string, row: number, column: number): string => `${gridId}-${row}-${column}`;

export const cellRing = 'outline-2 -outline-offset-2 outline-focus';

type GridRowProps = {
  gridId: string;
  index: number;
  /** Undefined while its page is on the way. */
  record: RecordData | undefined;
  columns: readonly Column[];
  /** Decimals of each column. */
  decimals: readonly number[];
  context: CellContext;
  sort: string;
  top: number;
  height: number;
  isOpen: boolean;
  /** The column with the focus, if it is in this row; whether there is more room above it than below. */
  focus: { column: number; isLow: boolean } | null;
};

const Skeleton = ({ column }: { column: Column }) => (
  <span
    className={`h-3 rounded-control bg-sunken ${column.end ? 'ms-auto w-1/2' : 'w-3/4'}`}
    aria-label={messages.common.loading}
  />
);

/** One row. Scrolling renders the grid for each row that comes into sight, so those already there must not render. */
export const GridRow = memo(function GridRow({
  gridId,
  index,
  record,
  columns,
  decimals,
  context,
  sort,
  top,
  height,
  isOpen,
  focus,
}: GridRowProps) {
  const titleFields = columns.slice(0, 1).map(({ field }) => field);

  const content = (column: Column, position: number) => {
    if (record === undefined) return <Skeleton column={column} />;
    const value = (
      <CellValue column={column} record={record} context={context} decimals={decimals[position] ?? 0} />
    );
    if (position > 0) return value;
    return (
      <a
        href={recordHref(context.collection.name, record.id, sort)}
        tabIndex={-1}
        aria-label={messages.records.open(recordTitle(record, titleFields))}
        className="flex min-w-0 hover:underline"
      >
        {value}
      </a>
    );
  };

  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      data-index={index}
      style={{ top, height }}
      className={`grid-columns absolute inset-x-0 grid cursor-default border-b border-line text-grid ${
        isOpen ? 'bg-accent-soft' : 'bg-surface hover:bg-sunken'
      } ${focus ? 'z-10' : ''}`}
    >
      {columns.map((column, position) => (
        <div
          key={column.field.id}
          id={cellId(gridId, index, position)}
          role="gridcell"
          aria-colindex={position + 1}
          className={`relative flex min-w-0 items-center px-3 ${
            position === 0 ? 'sticky start-0 z-10 border-e border-line bg-inherit font-medium' : ''
          } ${column.end ? 'justify-end tabular-nums' : ''} ${column.mono ? 'font-mono text-meta' : ''} ${
            focus?.column === position ? cellRing : ''
          }`}
        >
          {content(column, position)}
          {record && focus?.column === position ? (
            <CellPeek column={column} record={record} above={focus.isLow} />
          ) : null}
        </div>
      ))}
    </div>
  );
});
