import { useCallback, useEffect, useState } from 'react';

/** Browsers cap the height of an element; beyond this the scrollbar moves over more rows for each pixel. */
const tallest = 8_000_000;
const overscan = 8;

export type RowWindow = {
  /** Rows to mount: from `start` up to, not including, `end`. */
  start: number;
  end: number;
  /** Rows in sight, by index. */
  firstVisible: number;
  lastVisible: number;
  height: number;
};

type Measures = { count: number; rowHeight: number; viewport: number; scrollTop: number };

const scale = ({ count, rowHeight, viewport }: Measures): number => {
  const full = count * rowHeight;
  return full <= tallest ? 1 : (full - viewport) / (tallest - viewport);
};

/** Which rows of a long list are in sight, and which have to be mounted for that. */
export const rowWindow = (measures: Measures): RowWindow => {
  const { count, rowHeight, viewport, scrollTop } = measures;
  const top = Math.max(0, scrollTop * scale(measures));
  const first = Math.min(Math.floor(top / rowHeight), Math.max(0, count - 1));
  const past = Math.min(count, Math.ceil((top + viewport) / rowHeight));
  return {
    start: Math.max(0, first - overscan),
    end: Math.min(count, past + overscan),
    firstVisible: first,
    lastVisible: Math.max(first, Math.min(count, Math.floor((top + viewport) / rowHeight)) - 1),
    height: Math.min(count * rowHeight, tallest),
  };
};

/** Where a row stands inside the scrolled element. */
export const rowOffset = (measures: Measures, index: number): number =>
  index * measures.rowHeight - measures.scrollTop * scale(measures) + measures.scrollTop;

/** The scroll position that brings a row into sight with as little movement as possible. */
export const scrollTopFor = (measures: Measures, index: number): number => {
  const { rowHeight, viewport, scrollTop } = measures;
  const factor = scale(measures);
  const top = scrollTop * factor;
  const rowTop = index * rowHeight;
  if (rowTop < top) return rowTop / factor;
  if (rowTop + rowHeight > top + viewport) return (rowTop + rowHeight - viewport) / factor;
  return scrollTop;
};

const isSame = (one: RowWindow, two: RowWindow): boolean =>
  one.start === two.start &&
  one.end === two.end &&
  one.firstVisible === two.firstVisible &&
  one.lastVisible === two.lastVisible &&
  one.height === two.height;

type Place = { scrollTop: number; height: number };
type Sizes = { count: number; rowHeight: number; headerHeight: number };

const measuresOf = ({ scrollTop, height }: Place, { count, rowHeight, headerHeight }: Sizes): Measures => ({
  count,
  rowHeight,
  scrollTop,
  viewport: Math.max(0, height - headerHeight),
});

// Where lists were scrolled to, so that coming back to one shows the same place.
const remembered = new Map<string, number>();

const rem = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;

type Options = { count: number; rowRem: number; headerRem: number; memoryKey: string };

/** A scrolled list of rows of one height, of which only those near the window are mounted. */
export const useRowWindow = ({ count, rowRem, headerRem, memoryKey }: Options) => {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [place, setPlace] = useState({ scrollTop: 0, height: 0 });
  const [unit] = useState(rem);
  const hasRows = count > 0;
  const rowHeight = rowRem * unit;
  const headerHeight = headerRem * unit;

  useEffect(() => {
    if (!element) return;
    const sizes = { count, rowHeight, headerHeight };
    // A scroll within one row changes nothing on screen that the browser does not do by itself.
    const isSameWindow = (before: Place, now: Place) => {
      const [one, two] = [measuresOf(before, sizes), measuresOf(now, sizes)];
      return scale(one) === 1 && isSame(rowWindow(one), rowWindow(two)) && before.height === now.height;
    };
    const read = () =>
      setPlace((before) => {
        const now = { scrollTop: element.scrollTop, height: element.clientHeight };
        return isSameWindow(before, now) ? before : now;
      });
    const onScroll = () => {
      remembered.set(memoryKey, element.scrollTop);
      read();
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [element, memoryKey, count, rowHeight, headerHeight]);

  // Another list starts where it was left, and at its top when it is new.
  useEffect(() => {
    if (hasRows) element?.scrollTo({ top: remembered.get(memoryKey) ?? 0 });
  }, [element, hasRows, memoryKey]);

  const measures = measuresOf(place, { count, rowHeight, headerHeight });

  const scrollToRow = useCallback(
    (index: number) => {
      if (!element) return;
      const now = measuresOf(
        { scrollTop: element.scrollTop, height: element.clientHeight },
        { count, rowHeight, headerHeight },
      );
      element.scrollTo({ top: scrollTopFor(now, index) });
    },
    [element, count, rowHeight, headerHeight],
  );

  return {
    attach: setElement,
    element,
    ...rowWindow(measures),
    rowHeight,
    offsetOf: (index: number) => rowOffset(measures, index),
    scrollToRow,
  };
};
