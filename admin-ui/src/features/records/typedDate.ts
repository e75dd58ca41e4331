// Dates as people type them, in their own time zone; the wire has them in UTC.

const two = (value: number, digits = 2): string => String(value).padStart(digits, '0');

/** `2026-03-14 11:00` in local time, with seconds only where there are some. */
export const dateText = (date: Date): string => {
  const day = `${two(date.getFullYear(), 4)}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const [seconds, fraction] = [date.getSeconds(), date.getMilliseconds()];
  const rest = fraction > 0 ? `:${two(seconds)}.${two(fraction, 3)}` : seconds > 0 ? `:${two(seconds)}` : '';
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}${rest}`;
};

/** What a browser's own calendar takes and gives. */
export const pickerText = (date: Date): string => dateText(date).replace(' ', 'T');

/** The form the server stores: `2026-03-14 10:00:00.000Z`. */
export const wireDate = (date: Date): string => date.toISOString().replace('T', ' ');

const written = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?$/;
const inUtc = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?Z$/i;
const distance = /^([+-])(\d{1,5})([hdwmy])$/;

const startOfDay = (now: Date, days = 0): Date =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);

const shifted = (now: Date, amount: number, unit: string): Date => {
  const date = new Date(now);
  if (unit === 'h') date.setHours(date.getHours() + amount);
  if (unit === 'd') date.setDate(date.getDate() + amount);
  if (unit === 'w') date.setDate(date.getDate() + amount * 7);
  if (unit === 'm' || unit === 'y') {
    const { years, months } = unit === 'm' ? { years: 0, months: amount } : { years: amount, months: 0 };
    const day = date.getDate();
    date.setDate(1);
    date.setFullYear(date.getFullYear() + years, date.getMonth() + months);
    // A month after 31 January is the last day of February.
    const last = new Date(date.getFullYear(), date.getMonth() + 1, 0).getDate();
    date.setDate(Math.min(day, last));
  }
  date.setSeconds(0, 0);
  return date;
};

/** Reads `2026-03-14`, `2026-03-14 11:00`, `today`, `tomorrow`, `now`, `+3d`; null for what is no date. */
export const parseTypedDate = (text: string, now = new Date()): Date | null => {
  const typed = text.trim().toLowerCase();
  if (typed === 'now') return shifted(now, 0, 'h');
  if (typed === 'today') return startOfDay(now);
  if (typed === 'tomorrow') return startOfDay(now, 1);
  if (typed === 'yesterday') return startOfDay(now, -1);
  const step = distance.exec(typed);
  if (step) return shifted(now, Number(`${step[1] ?? ''}${step[2] ?? ''}`), step[3] ?? '');
  if (inUtc.test(typed)) {
    const date = new Date(typed.toUpperCase().replace(' ', 'T'));
    return Number.isNaN(date.getTime()) ? null : date;
  }
  const parts = written.exec(typed.toUpperCase());
  if (!parts) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0));
  const date = new Date(year, month - 1, day, hour, minute, second, Number((parts[7] ?? '0').padEnd(3, '0')));
  // The constructor takes 31 February for 3 March.
  const isReal = date.getMonth() === month - 1 && date.getDate() === day && hour < 24 && minute < 60;
  return isReal && second < 60 ? date : null;
};
