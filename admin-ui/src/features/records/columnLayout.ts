import { useMemo, useState } from 'react';
import type { Column } from './columns';

/** What a person changed about the columns of a collection; the rest is as the schema suggests. By id of the field. */
export type ColumnLayout = {
  order: readonly string[];
  hidden: readonly string[];
  /** In rem. */
  widths: Readonly<Record<string, number>>;
};

const initial: ColumnLayout = { order: [], hidden: [], widths: {} };
const narrowest = 3;
const widest = 60;

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const storageKey = (collectionId: string) => `larder.columns.${collectionId}`;

const load = (collectionId: string): ColumnLayout => {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(storageKey(collectionId)) ?? 'null');
    if (typeof value !== 'object' || value === null) return initial;
    const { order, hidden, widths } = value as Record<string, unknown>;
    const sizes = typeof widths === 'object' && widths !== null ? Object.entries(widths) : [];
    return {
      order: isStrings(order) ? order : [],
      hidden: isStrings(hidden) ? hidden : [],
      widths: Object.fromEntries(
        sizes.filter(
          (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= narrowest,
        ),
      ),
    };
  } catch {
    return initial;
  }
};

const keep = (collectionId: string, layout: ColumnLayout): void => {
  try {
    if (layout === initial) localStorage.removeItem(storageKey(collectionId));
    else localStorage.setItem(storageKey(collectionId), JSON.stringify(layout));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
};

/** The columns in the order of the layout; those it does not know, such as new fields, keep their place at the end. */
export const orderedColumns = (columns: readonly Column[], { order, widths }: ColumnLayout): Column[] => {
  const rank = ({ field }: Column) => {
    const index = order.indexOf(field.id);
    return index < 0 ? order.length : index;
  };
  return [...columns]
    .sort((one, two) => rank(one) - rank(two))
    .map((column) => {
      const rem = widths[column.field.id];
      return rem === undefined ? column : { ...column, rem, track: `${rem}rem` };
    });
};

/** The columns of a collection as this person has them, and the ways to change that. */
export const useColumnLayout = (collectionId: string, columns: readonly Column[]) => {
  const [layout, setLayout] = useState(() => load(collectionId));
  const all = useMemo(() => orderedColumns(columns, layout), [columns, layout]);
  const shown = useMemo(() => {
    const visible = all.filter(({ field }) => !layout.hidden.includes(field.id));
    return visible.length > 0 ? visible : all.slice(0, 1);
  }, [all, layout.hidden]);

  const change = (next: ColumnLayout) => {
    setLayout(next);
    keep(collectionId, next);
  };
  return {
    all,
    shown,
    isChanged: layout !== initial,
    isHidden: (id: string) => layout.hidden.includes(id),
    setHidden: (id: string, isHidden: boolean) => {
      const others = layout.hidden.filter((one) => one !== id);
      change({ ...layout, hidden: isHidden ? [...others, id] : others });
    },
    /** Past the neighbour among `list`, so that a move in the grid is one that can be seen. */
    move: (id: string, step: -1 | 1, list: readonly Column[]) => {
      const place = list.findIndex(({ field }) => field.id === id);
      const neighbour = list[place + step]?.field.id;
      if (neighbour === undefined) return;
      const order = all.map(({ field }) => field.id).filter((one) => one !== id);
      order.splice(order.indexOf(neighbour) + (step > 0 ? 1 : 0), 0, id);
      change({ ...layout, order });
    },
    /** Without a width, the usual one. */
    resize: (id: string, rem?: number) => {
      const others = Object.entries(layout.widths).filter(([other]) => other !== id);
      const next: [string, number][] =
        rem === undefined ? [] : [[id, Math.min(widest, Math.max(narrowest, rem))]];
      change({ ...layout, widths: Object.fromEntries([...others, ...next]) });
    },
    reset: () => change(initial),
  };
};

export type Columns = ReturnType<typeof useColumnLayout>;
