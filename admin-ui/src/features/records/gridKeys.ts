import type { KeyboardEvent } from 'react';

export type Cell = { row: number; column: number };

/** The heading counts as the row above the first, so that the arrow keys reach it. */
export const heading = -1;

export type GridKeyActs = {
  active: Cell;
  /** Rows of the whole list. */
  total: number;
  columns: number;
  /** Rows of one screen. */
  screen: number;
  /** Whether keys of one letter count; people can switch them off. */
  singleKeys: boolean;
  move: (row: number, column: number) => void;
  /** Enter or F2 on a cell. */
  edit: (cell: Cell) => void;
  open: (cell: Cell) => void;
  sort: (column: number) => void;
  toggle: (row: number) => void;
  rangeTo: (row: number) => void;
  selectLoaded: () => void;
  /** False when there was nothing to copy. */
  copy: (cell: Cell) => boolean;
  menu: (cell: Cell) => void;
  filterBy: (cell: Cell) => void;
  duplicate: (cell: Cell) => void;
  editSelected: () => void;
  deleteSelected: () => void;
  /** False when nothing was selected. */
  clearSelection: () => boolean;
};

/** Carries out what a key means in the grid; false for keys that mean nothing here. */
export const actOnKey = (event: KeyboardEvent, acts: GridKeyActs): boolean => {
  const { active, total, columns, screen, move } = acts;
  const { row, column } = active;
  const whole = event.ctrlKey || event.metaKey;
  const isLetter = event.key.length === 1 && event.key !== ' ';
  if (event.altKey) return false;
  if (isLetter && !whole && !acts.singleKeys) return false;
  const isCell = row !== heading;

  switch (event.key) {
    case 'ArrowDown':
    case 'ArrowUp': {
      const next = row + (event.key === 'ArrowDown' ? 1 : -1);
      if (event.shiftKey && isCell && next >= 0 && next < total) acts.rangeTo(next);
      move(next, column);
      return true;
    }
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
      move(whole ? total - 1 : row, columns - 1);
      return true;
    case 'Enter':
    case 'F2':
      if (!isCell) acts.sort(column);
      else if (whole) acts.open(active);
      else acts.edit(active);
      return true;
    case 'o':
      if (whole || !isCell) return false;
      acts.open(active);
      return true;
    case ' ':
      if (!isCell) return false;
      if (event.shiftKey) acts.rangeTo(row);
      else acts.toggle(row);
      return true;
    case 'a':
      if (!whole) return false;
      acts.selectLoaded();
      return true;
    case 'c':
      if (!isCell) return false;
      if (whole) return acts.copy(active);
      acts.filterBy(active);
      return true;
    case 'd':
      if (whole || !isCell) return false;
      acts.duplicate(active);
      return true;
    case 'e':
      if (whole) return false;
      acts.editSelected();
      return true;
    case 'Delete':
      acts.deleteSelected();
      return true;
    case 'ContextMenu':
      acts.menu(active);
      return true;
    case 'F10':
      if (!event.shiftKey) return false;
      acts.menu(active);
      return true;
    case 'Escape':
      return acts.clearSelection();
    default:
      return false;
  }
};
