import { Button, copyText, IconButton } from '@/components';
import { messages } from '@/messages.en';
import type { Rows } from './useRecords';
import type { Selection } from './useSelection';

const words = messages.records;
const selectWords = messages.recordGrid.selection;

type SelectionActsProps = {
  selection: Selection;
  total: number;
  canWrite: boolean;
  isPhone: boolean;
  /** The last export did not come. */
  hasFailed: boolean;
  onEdit: () => void;
  onExport: () => void;
  onDelete: () => void;
};

/** What can be done with the selected records; it takes the place of the bar's text. */
const SelectionActs = (props: SelectionActsProps) => {
  const { selection, total, canWrite, isPhone, hasFailed, onEdit, onExport, onDelete } = props;
  const { count } = selection;
  return (
    <>
      <span role="status" className="shrink-0 text-text">
        {selectWords.count(count, total)}
      </span>
      {count < total && !isPhone ? (
        <Button look="plain" busy={selection.isBusy} onClick={selection.all}>
          {selectWords.everything(total)}
        </Button>
      ) : null}
      {selection.error === null ? null : (
        <span role="alert" className="truncate text-danger">
          {selectWords.failed}
        </span>
      )}
      {hasFailed ? (
        <span role="alert" className="truncate text-danger">
          {selectWords.exportFailed}
        </span>
      ) : null}
      <span className="ms-auto flex items-center gap-2">
        {canWrite ? <Button onClick={onEdit}>{selectWords.edit}</Button> : null}
        {isPhone ? null : (
          <>
            <Button onClick={onExport}>{selectWords.export}</Button>
            <Button onClick={() => void copyText([...selection.ids].join('\n'))}>
              {selectWords.copyIds}
            </Button>
          </>
        )}
        {canWrite ? <Button onClick={onDelete}>{selectWords.delete}</Button> : null}
        <IconButton icon="close" label={selectWords.clear} onClick={selection.clear} />
      </span>
    </>
  );
};

type BottomBarProps = SelectionActsProps & { rows: Rows; from: number; to: number };

export const BottomBar = ({ rows, from, to, ...acts }: BottomBarProps) => (
  <footer
    className={`flex shrink-0 items-center gap-2 border-t border-line px-3 text-grid text-muted tabular-nums ${
      acts.selection.count > 0 ? 'bg-accent-soft' : 'bg-surface'
    } ${acts.isPhone ? 'min-h-14' : 'h-10 coarse:h-12'}`}
  >
    {acts.selection.count > 0 ? (
      <SelectionActs {...acts} />
    ) : (
      <>
        {rows.total === undefined || rows.total === 0 ? null : (
          <span>{words.range(from + 1, Math.min(to + 1, rows.total), rows.total)}</span>
        )}
        {rows.hasGaps ? (
          <span role="alert" className="flex items-center gap-2 text-danger">
            {words.partial}
            <Button onClick={rows.reload}>{messages.common.retry}</Button>
          </span>
        ) : null}
      </>
    )}
  </footer>
);
