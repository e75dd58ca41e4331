import { messages } from '@/messages.en';
import { selectRem, type Column } from './columns';

const skeletonRows = Array.from({ length: 30 }, (_, index) => index);

/** The grid without its records: the headings and widths are known before they are. */
export const GridSkeleton = ({ columns, rem }: { columns: readonly Column[]; rem: number }) => {
  const row = {
    height: `${rem}rem`,
    gridTemplateColumns: [`${selectRem}rem`, ...columns.map(({ track }) => track)].join(' '),
    minWidth: `${columns.reduce((sum, column) => sum + column.rem, selectRem)}rem`,
  };
  return (
    <div role="status" aria-label={messages.common.loading} className="h-full overflow-hidden bg-surface">
      <div
        style={row}
        className="grid items-center border-b border-line bg-sunken text-meta font-medium text-muted"
      >
        <span />
        {columns.map(({ field, end }) => (
          <span key={field.id} className={`truncate px-3 ${end ? 'text-end' : ''}`}>
            {field.name}
          </span>
        ))}
      </div>
      <div className="appear-late">
        {skeletonRows.map((index) => (
          <div key={index} style={row} className="grid items-center border-b border-line">
            <span />
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

export const CardSkeleton = () => (
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
export const PageSkeleton = () => (
  <div role="status" aria-label={messages.common.loading} className="appear-late h-full">
    <div className="flex h-12 items-center border-b border-line bg-surface px-4 sm:px-3 coarse:h-14">
      <span className="h-4 w-32 rounded-control bg-sunken" />
    </div>
  </div>
);
