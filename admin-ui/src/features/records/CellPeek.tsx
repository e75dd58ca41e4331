import { useLayoutEffect, useRef } from 'react';
import type { RecordData } from '@/api';
import { buttonClass, CopyButton } from '@/components';
import { formatMoment, formatUtc, parseDate } from '@/locale';
import { messages } from '@/messages.en';
import type { Column } from './columns';
import { keepInGrid } from './keepInGrid';
import { asText, safeUrl } from './values';

const words = messages.records;

/** Text shorter than this fits its cell. */
const longText = 24;

const peekText = ({ field }: Column, record: RecordData): string | null => {
  const value = record[field.name];
  switch (field.type) {
    case 'date':
    case 'autodate': {
      const date = parseDate(value);
      return date ? `${formatMoment(date)}\n${formatUtc(date)}` : null;
    }
    case 'email':
    case 'url':
      return asText(value) || null;
    case 'text':
    case 'editor':
    case 'json': {
      const text = asText(value);
      return text.length > longText ? text : null;
    }
    default:
      return null;
  }
};

type CellPeekProps = { column: Column; record: RecordData; above: boolean };

/** All of what a focused cell holds, where the cell itself shows a part. */
export const CellPeek = ({ column, record, above }: CellPeekProps) => {
  const box = useRef<HTMLDivElement>(null);
  const text = peekText(column, record);

  useLayoutEffect(() => keepInGrid(box.current), [text]);

  if (text === null) return null;
  const { type } = column.field;
  const href = type === 'email' ? `mailto:${text}` : type === 'url' ? safeUrl(text) : null;
  return (
    <div
      ref={box}
      data-peek
      className={`absolute start-0 z-20 flex max-h-48 w-max max-w-96 flex-col gap-2 overflow-y-auto rounded-chip border border-line bg-surface p-2 shadow-1 ${
        above ? 'bottom-full' : 'top-full'
      }`}
    >
      <span className="font-normal break-words whitespace-pre-line">{text}</span>
      {type === 'email' || type === 'url' ? (
        <span className="flex gap-2">
          <CopyButton text={text} label={words.copyValue} />
          {href === null ? null : (
            <a href={href} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
              {type === 'email' ? words.sendMail : words.openLink}
            </a>
          )}
        </span>
      ) : null}
    </div>
  );
};
