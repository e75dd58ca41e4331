import {
  useEffect,
  useId,
  useMemo,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
} from 'react';
import type { RecordData } from '@/api';
import { copyText, type MenuAct } from '@/components';
import { decimalsOf } from '@/locale';
import { messages } from '@/messages.en';
import { preferences, useStored } from '@/preferences';
import type { CellEdit } from './CellEditor';
import type { CellContext } from './CellValue';
import { selectRem, type Column } from './columns';
import type { Columns } from './columnLayout';
import { draftOf, type FieldDraft } from './draft';
import { GridHead } from './GridHead';
import { actOnKey, heading, type Cell } from './gridKeys';
import { cellId, GridRow, type CellMenu } from './GridRow';
import type { ListQuery } from './hrefs';
import { inlineKind, type After } from './inlineEdit';
import { nextSort } from './sort';
import { useCellEdit } from './useCellEdit';
import type { Rows } from './useRecords';
import type { useRowWindow } from './useRowWindow';
import type { Selection } from './useSelection';
import { recordTitle, valueText } from './values';

const words = messages.records;
const cellWords = messages.recordGrid.cell;

export type RecordActs = {
  onOpen: (id: string) => void;
  onDuplicate: (id: string) => void;
  onDelete: (record: RecordData) => void;
  /** Narrows the list to the records that have this value, or to the others. */
  onFilterBy: (column: Column, record: RecordData, isExcluded: boolean) => void;
};

type RecordGridProps = RecordActs & {
  rows: Rows;
  columns: Columns;
  context: CellContext;
  query: ListQuery;
  openId: string | undefined;
  rowWindow: ReturnType<typeof useRowWindow>;
  selection: Selection;
  onSort: (sort: string) => void;
  onEditSelected: () => void;
  onDeleteSelected: () => void;
};

export const RecordGrid = (props: RecordGridProps) => {
  const { rows, columns: layout, context, query, openId, rowWindow, selection } = props;
  const { onSort, onOpen, onDuplicate, onDelete, onFilterBy, onEditSelected, onDeleteSelected } = props;
  const columns = layout.shown;
  const { collection } = context;
  const sort = query.sort ?? '';
  const gridId = useId();
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 });
  const [byKeyboard, setByKeyboard] = useState(false);
  // A press that selects rows is not about the cell under it.
  const [isCellShown, setCellShown] = useState(false);
  const [menu, setMenu] = useState<Cell | null>(null);
  const [singleKeys] = useStored(preferences.singleKeys);
  const edit = useCellEdit(collection);
  const total = rows.total ?? 0;
  const canWrite = collection.type !== 'view';

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
    setCellShown(true);
    if (next.row >= 0) scrollToRow(next.row);
    element
      ?.querySelector(`[aria-colindex="${next.column + 2}"][role="columnheader"]`)
      ?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  };

  const at = ({ row, column }: Cell) => {
    const record = rows.rowAt(row);
    const of = columns[column];
    return record && of ? { record, column: of, kind: inlineKind(of.field, collection) } : null;
  };

  const saveCell = async (cell: Cell, draft: FieldDraft, after: After) => {
    const found = at(cell);
    if (!found) return;
    const isStored = await edit.save(found.record, found.column.field, draft);
    if (!isStored) return;
    if (after !== 'stay') {
      element?.focus();
      const steps = { down: [1, 0], right: [0, 1], left: [0, -1] } as const;
      const [down, aside] = steps[after];
      move(cell.row + down, cell.column + aside);
    }
  };

  const startEdit = (cell: Cell) => {
    const found = at(cell);
    if (!found) return;
    const { record, column, kind } = found;
    if (kind === null) onOpen(record.id);
    else if (kind === 'toggle') {
      const before = draftOf(column.field, record[column.field.name]);
      if (before.kind === 'flag') void saveCell(cell, { kind: 'flag', on: !before.on }, 'stay');
    } else edit.start(record.id, column.field.name);
  };

  const copy = (cell: Cell): boolean => {
    const found = at(cell);
    // Marked text is what the person means to copy.
    if (!found || window.getSelection()?.isCollapsed === false) return false;
    void copyText(valueText(found.column.field, found.record[found.column.field.name]));
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    setByKeyboard(true);
    const withCell = (act: (found: NonNullable<ReturnType<typeof at>>) => void) => (cell: Cell) => {
      const found = at(cell);
      if (found) act(found);
    };
    const isDone = actOnKey(event, {
      active,
      total,
      columns: columns.length,
      screen: Math.max(1, lastVisible - firstVisible),
      singleKeys,
      move,
      edit: startEdit,
      open: withCell(({ record }) => onOpen(record.id)),
      sort: (column) => {
        const of = columns[column];
        if (of?.sortable === true) onSort(nextSort(sort, of.field.name));
      },
      toggle: selection.toggle,
      rangeTo: selection.rangeTo,
      selectLoaded: selection.allLoaded,
      copy,
      menu: setMenu,
      filterBy: withCell(({ record, column }) => onFilterBy(column, record, false)),
      duplicate: withCell(({ record }) => {
        if (canWrite) onDuplicate(record.id);
      }),
      editSelected: () => {
        if (canWrite && selection.count > 0) onEditSelected();
      },
      deleteSelected: () => {
        const record = rows.rowAt(active.row);
        if (!canWrite) return;
        if (selection.count > 0) onDeleteSelected();
        else if (record) onDelete(record);
      },
      clearSelection: () => {
        if (selection.count === 0) return false;
        selection.clear();
        return true;
      },
    });
    if (isDone) event.preventDefault();
  };

  const cellOf = (target: Element): Cell => ({
    row: Number(target.closest<HTMLElement>('[data-index]')?.dataset.index ?? NaN),
    column: Number(target.closest<HTMLElement>('[data-column]')?.dataset.column ?? NaN),
  });

  const onRowClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest('[role=menu], [role=listbox], [data-peek], input:not([type=checkbox])')) return;
    const cell = cellOf(event.target);
    const record = rows.rowAt(cell.row);
    if (!record) return;
    if (event.target.closest('[data-select]') || event.ctrlKey || event.metaKey || event.shiftKey) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) event.preventDefault();
      setActive({ row: cell.row, column: active.column });
      setCellShown(false);
      if (event.shiftKey) selection.rangeTo(cell.row);
      else selection.toggle(cell.row);
      return;
    }
    selection.startRangeAt(cell.row);
    if (event.target.closest('a') !== null || window.getSelection()?.isCollapsed === false) return;
    if (Number.isNaN(cell.column)) return;
    const isAgain = byKeyboard && active.row === cell.row && active.column === cell.column;
    setActive(cell);
    setCellShown(true);
    const kind = at(cell)?.kind ?? null;
    if (kind === null) onOpen(record.id);
    else if (event.target.closest('[data-toggle]') || kind === 'choice' || (isAgain && kind === 'text')) {
      startEdit(cell);
    } else {
      setByKeyboard(true);
      element?.focus();
    }
  };

  const menuOf = (cell: Cell): CellMenu | null => {
    const found = at(cell);
    if (!found || cell.row === heading) return null;
    const { record, column, kind } = found;
    const { id } = record;
    const acts: MenuAct[] = [
      { label: cellWords.open, shortcut: 'o', onAct: () => onOpen(id) },
      ...(kind === null ? [] : [{ label: cellWords.edit, shortcut: 'F2', onAct: () => startEdit(cell) }]),
      ...(column.filterable
        ? [
            { label: cellWords.filter, shortcut: 'c', onAct: () => onFilterBy(column, record, false) },
            { label: cellWords.exclude, onAct: () => onFilterBy(column, record, true) },
          ]
        : []),
      { label: cellWords.copy, shortcut: 'Ctrl C', onAct: () => void copy(cell) },
      ...(canWrite
        ? ([
            { label: cellWords.duplicate, shortcut: 'd', onAct: () => onDuplicate(id) },
            { label: cellWords.delete, shortcut: 'Del', isDanger: true, onAct: () => onDelete(record) },
          ] as const)
        : []),
    ];
    return {
      column: cell.column,
      label: cellWords.menu(column.field.name),
      acts,
      onClose: (keepFocus) => {
        setMenu(null);
        if (!keepFocus) element?.focus();
      },
    };
  };

  const editOf = (index: number, record: RecordData | undefined): CellEdit | null => {
    const { editing } = edit;
    if (!record || editing?.id !== record.id) return null;
    const column = columns.findIndex(({ field }) => field.name === editing.field);
    return {
      column,
      title: recordTitle(
        record,
        columns.slice(0, 1).map(({ field }) => field),
      ),
      isLow: index > lastVisible - 4 && index > 4,
      isSaving: editing.isSaving,
      problem: editing.problem,
      onSave: (draft, after) => void saveCell({ row: index, column }, draft, after),
      onCancel: () => {
        edit.cancel();
        element?.focus();
      },
    };
  };

  // Read by every row, so that none of them has to be told.
  const tracks = {
    '--grid-columns': [`${selectRem}rem`, ...columns.map(({ track }) => track)].join(' '),
    '--grid-width': `${columns.reduce((sum, { rem }) => sum + rem, selectRem)}rem`,
    scrollPaddingInlineStart: `${(columns[0]?.rem ?? 0) + selectRem}rem`,
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
    () => ({
      column: active.column,
      isLow: active.row > lastVisible - 4 && active.row > 4,
      isShown: isCellShown,
    }),
    [active, lastVisible, isCellShown],
  );
  // The row with the focus stays mounted however far it is scrolled away.
  if (byKeyboard && active.row >= 0 && active.row < total && !mounted.includes(active.row))
    mounted.push(active.row);
  const loadedCount =
    selection.count === 0 ? 0 : rows.loaded().filter(({ id }) => selection.ids.has(id)).length;
  const isAllSelected = loadedCount > 0 && loadedCount === rows.loaded().length;

  return (
    <div
      ref={attach}
      role="grid"
      tabIndex={0}
      aria-label={words.grid(collection.name)}
      aria-rowcount={rows.total === undefined ? -1 : total + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable="true"
      aria-busy={rows.isFetching}
      aria-activedescendant={byKeyboard ? cellId(gridId, active.row, active.column) : undefined}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.target !== event.currentTarget) return;
        if (event.currentTarget.matches(':focus-visible') && !byKeyboard) {
          setByKeyboard(true);
          setCellShown(true);
        }
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setByKeyboard(false);
      }}
      style={tracks}
      className="h-full overflow-auto bg-surface focus-visible:-outline-offset-2"
    >
      <div role="rowgroup" className="grid-width sticky top-0 z-30">
        <GridHead
          gridId={gridId}
          columns={columns}
          sort={sort}
          height={rowHeight}
          focused={byKeyboard && active.row === heading ? active.column : null}
          menu={menu?.row === heading ? menu.column : null}
          selected={isAllSelected ? 'all' : selection.count > 0 ? 'some' : 'none'}
          onSelectAll={isAllSelected ? selection.clear : selection.allLoaded}
          onMenu={(column) => setMenu({ row: heading, column })}
          onCloseMenu={(keepFocus) => {
            setMenu(null);
            if (!keepFocus) element?.focus();
          }}
          onSort={onSort}
          onHide={(id) => layout.setHidden(id, true)}
          onMove={(id, step) => layout.move(id, step, columns)}
          onResize={layout.resize}
        />
      </div>
      <div
        role="rowgroup"
        onClick={onRowClick}
        onDoubleClick={(event) => {
          if (!(event.target instanceof Element) || edit.editing !== null) return;
          const cell = cellOf(event.target);
          // The first of the two presses marked a word of the cell.
          window.getSelection()?.removeAllRanges();
          if (at(cell)?.kind === 'text') startEdit(cell);
        }}
        onContextMenu={(event) => {
          if (!(event.target instanceof Element)) return;
          const cell = cellOf(event.target);
          if (!at(cell) || event.target.closest('input:not([type=checkbox])')) return;
          event.preventDefault();
          setActive(cell);
          setMenu(cell);
        }}
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
              query={query}
              top={offsetOf(index)}
              height={rowHeight}
              isOpen={record !== undefined && record.id === openId}
              isSelected={record !== undefined && selection.ids.has(record.id)}
              focus={byKeyboard && active.row === index ? focus : null}
              edit={editOf(index, record)}
              menu={menu?.row === index ? menuOf(menu) : null}
              saved={edit.saved !== null && edit.saved.id === record?.id ? edit.saved.field : null}
            />
          );
        })}
      </div>
    </div>
  );
};
