import { useState, type ReactNode } from 'react';
import { api, type Collection, type FileField, type RecordData, type RelationField } from '@/api';
import { Icon } from '@/components';
import { formatAligned, formatMoment, parseDate } from '@/locale';
import { messages } from '@/messages.en';
import { titleFields, type Column } from './columns';
import { recordHref } from './hrefs';
import { asList, isImage, recordTitle, valueText } from './values';

const shownAtMost = 2;

export type CellContext = {
  collection: Collection;
  collections: readonly Collection[];
  fileToken: string | undefined;
};

export const Empty = () => (
  <span className="text-muted">
    <span aria-hidden="true">{messages.common.dash}</span>
    <span className="sr-only">{messages.common.empty}</span>
  </span>
);

const More = ({ count }: { count: number }) =>
  count > 0 ? (
    <span className="shrink-0 text-meta text-muted">
      <span aria-hidden="true">{messages.common.more(count)}</span>
      <span className="sr-only">{messages.common.moreSpoken(count)}</span>
    </span>
  ) : null;

const Line = ({ children }: { children: ReactNode }) => (
  <span className="flex min-w-0 items-center gap-1">{children}</span>
);

const chip =
  'min-w-0 max-w-full truncate rounded-chip border border-line bg-sunken px-1.5 text-meta leading-5';

/** A picture of 28 px, or the sign of a file where there is none to show. */
export const Thumb = ({ src, size = 'size-7' }: { src: string | null; size?: string }) => {
  const [failed, setFailed] = useState<string | null>(null);
  const box = `${size} shrink-0 rounded-control border border-line bg-sunken`;
  if (src === null || src === failed) {
    return (
      <span className={`${box} flex items-center justify-center text-muted`}>
        <Icon name="file" />
      </span>
    );
  }
  return (
    <img src={src} alt="" loading="lazy" className={`${box} object-cover`} onError={() => setFailed(src)} />
  );
};

/** The address of a file's small picture; null when it has none, or when its token is not there yet. */
export const thumbUrl = (
  collectionId: string,
  recordId: string,
  field: FileField,
  name: string,
  fileToken: string | undefined,
): string | null => {
  if (!isImage(name) || (field.protected && fileToken === undefined)) return null;
  const token = field.protected && fileToken !== undefined ? { token: fileToken } : {};
  return api.files.url(collectionId, recordId, name, { thumb: '100x100', ...token });
};

export type RelatedRecord = { id: string; title: string; href: string | null; isMissing: boolean };

/**
 * The records a relation points to, by name. An id without a record behind it is told apart, unless the server
 * expanded nothing at all: then nothing is known about it, and the id stands for itself.
 */
export const relatedRecords = (
  field: RelationField,
  record: RecordData,
  collections: readonly Collection[],
): RelatedRecord[] => {
  const target = collections.find(({ id }) => id === field.collectionId);
  const expanded = record.expand?.[field.name];
  const found = expanded === undefined ? [] : Array.isArray(expanded) ? expanded : [expanded];
  return asList(record[field.name]).map((id) => {
    const other = found.find((one) => one.id === id);
    const title = other && target ? recordTitle(other, titleFields(target)) : id;
    return {
      id,
      title,
      href: target ? recordHref(target.name, id) : null,
      isMissing: other === undefined && record.expand !== undefined,
    };
  });
};

type CellValueProps = {
  column: Column;
  record: RecordData;
  context: CellContext;
  /** Decimals to fill up to, so that the numbers of a column stand point under point. */
  decimals?: number;
  /** Inside a card, which is a link itself, the names of related records are text. */
  relations?: 'links' | 'text';
};

/** One value as the grid shows it: one line, never growing, never HTML. */
export const CellValue = ({
  column: { field },
  record,
  context,
  decimals = 0,
  relations = 'links',
}: CellValueProps) => {
  const value = record[field.name];
  switch (field.type) {
    case 'bool':
      if (value !== true) {
        return (
          <span className="text-muted">
            <span aria-hidden="true">{messages.common.dash}</span>
            <span className="sr-only">{messages.common.no}</span>
          </span>
        );
      }
      return (
        <span className="text-ok">
          <Icon name="tick" />
          <span className="sr-only">{messages.common.yes}</span>
        </span>
      );

    case 'date':
    case 'autodate': {
      const date = parseDate(value);
      if (!date) break;
      return (
        <time dateTime={date.toISOString()} title={formatMoment(date)} className="truncate">
          {valueText(field, value)}
        </time>
      );
    }

    case 'select': {
      const chosen = asList(value);
      if (chosen.length === 0) return <Empty />;
      return (
        <Line>
          {chosen.slice(0, shownAtMost).map((one) => (
            <span key={one} className={chip}>
              {one}
            </span>
          ))}
          <More count={chosen.length - shownAtMost} />
        </Line>
      );
    }

    case 'relation': {
      const related = relatedRecords(field, record, context.collections);
      if (related.length === 0) return <Empty />;
      return (
        <Line>
          {related.slice(0, shownAtMost).map(({ id, title, href, isMissing }) =>
            isMissing || href === null ? (
              <span key={id} className={`${chip} text-warn`} title={id}>
                {messages.records.missingRecord}
              </span>
            ) : relations === 'text' ? (
              <span key={id} className={`${chip} ${title === id ? 'font-mono' : ''}`}>
                {title}
              </span>
            ) : (
              <a
                key={id}
                href={href}
                tabIndex={-1}
                className={`${chip} ${title === id ? 'font-mono' : ''} text-accent hover:border-control`}
              >
                {title}
              </a>
            ),
          )}
          <More count={related.length - shownAtMost} />
        </Line>
      );
    }

    case 'file': {
      const names = asList(value);
      if (names.length === 0) return <Empty />;
      return (
        <Line>
          {names.slice(0, shownAtMost).map((name) => (
            <span key={name} title={name} className="shrink-0">
              <Thumb src={thumbUrl(context.collection.id, record.id, field, name, context.fileToken)} />
              <span className="sr-only">{name}</span>
            </span>
          ))}
          <More count={names.length - shownAtMost} />
        </Line>
      );
    }

    case 'number':
      if (typeof value !== 'number') break;
      return <span className="truncate">{formatAligned(value, decimals)}</span>;

    case 'password':
      return (
        <span className="text-muted">
          <span aria-hidden="true">{messages.records.passwordDots}</span>
          <span className="sr-only">{messages.records.passwordSet}</span>
        </span>
      );

    default:
  }
  const text = valueText(field, value);
  return text === '' ? <Empty /> : <span className="truncate">{text}</span>;
};
