import type { Collection } from '@/api';
import { messages } from '@/messages.en';
import type { Column } from './columns';
import { parseSort } from './sort';

const words = messages.records;

type SortMenuProps = {
  collection: Collection;
  columns: readonly Column[];
  sort: string;
  onSort: (sort: string) => void;
};

/** The headings a phone has no room for. */
export const SortMenu = ({ collection, columns, sort, onSort }: SortMenuProps) => {
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
