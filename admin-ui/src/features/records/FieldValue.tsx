import type { ReactNode } from 'react';
import { api, type Field, type FileField, type RecordData } from '@/api';
import { Chip, CodeBlock, CopyButton, Icon } from '@/components';
import { formatMoment, formatUtc, parseDate } from '@/locale';
import { messages } from '@/messages.en';
import { Empty, relatedRecords, Thumb, thumbUrl, type CellContext } from './CellValue';
import { asList, asPoint, asText, plainText, safeUrl, valueText } from './values';

const words = messages.records;
const link = 'rounded-control text-accent underline underline-offset-2 break-all';

const Wrap = ({ children }: { children: ReactNode }) => (
  <span className="flex flex-wrap items-center gap-2">{children}</span>
);

const CopyLine = ({ text, children }: { text: string; children: ReactNode }) => (
  <span className="-my-1.5 flex min-w-0 items-center justify-between gap-2">
    <span className="min-w-0 break-words">{children}</span>
    <CopyButton text={text} label={words.copyValue} iconOnly />
  </span>
);

type FileLineProps = { field: FileField; record: RecordData; name: string; context: CellContext };

const FileLine = ({ field, record, name, context }: FileLineProps) => {
  const { collection, fileToken } = context;
  const token = field.protected && fileToken !== undefined ? { token: fileToken } : {};
  return (
    <a
      href={api.files.url(collection.id, record.id, name, token)}
      target="_blank"
      rel="noopener noreferrer"
      className="flex min-w-0 items-center gap-3 rounded-control border border-line p-2 hover:bg-sunken"
    >
      <Thumb src={thumbUrl(collection.id, record.id, field, name, fileToken)} size="size-12" />
      <span className="min-w-0 flex-1 text-grid break-all">{name}</span>
      <span className="text-muted">
        <Icon name="external" />
        <span className="sr-only">{messages.common.opensInNewTab}</span>
      </span>
    </a>
  );
};

type FieldValueProps = { field: Field; record: RecordData; context: CellContext };

/** One value in full, as the record panel shows it. */
export const FieldValue = ({ field, record, context }: FieldValueProps) => {
  const value = record[field.name];
  const text = asText(value);
  switch (field.type) {
    case 'bool':
      return <span>{valueText(field, value)}</span>;

    case 'number':
      return <span className="tabular-nums">{valueText(field, value)}</span>;

    case 'email':
      if (text === '') return <Empty />;
      return (
        <CopyLine text={text}>
          <a href={`mailto:${text}`} className={link}>
            {text}
          </a>
        </CopyLine>
      );

    case 'url': {
      if (text === '') return <Empty />;
      const href = safeUrl(text);
      return (
        <CopyLine text={text}>
          {href === null ? (
            <span className="break-all">{text}</span>
          ) : (
            <a href={href} target="_blank" rel="noopener noreferrer" className={link}>
              {text}
              <span className="sr-only"> {messages.common.opensInNewTab}</span>
            </a>
          )}
        </CopyLine>
      );
    }

    case 'date':
    case 'autodate': {
      const date = parseDate(value);
      if (!date) return text === '' ? <Empty /> : <span>{text}</span>;
      return (
        <span className="flex flex-col">
          <time dateTime={date.toISOString()}>{formatMoment(date)}</time>
          <span className="text-meta text-muted tabular-nums">{formatUtc(date)}</span>
        </span>
      );
    }

    case 'select': {
      const chosen = asList(value);
      if (chosen.length === 0) return <Empty />;
      return (
        <Wrap>
          {chosen.map((one) => (
            <Chip key={one}>{one}</Chip>
          ))}
        </Wrap>
      );
    }

    case 'relation': {
      const related = relatedRecords(field, record, context.collections);
      if (related.length === 0) return <Empty />;
      return (
        <Wrap>
          {related.map(({ id, title, href, isMissing }) => (
            <Chip key={id}>
              {isMissing || href === null ? (
                <span className="text-warn">
                  {words.missingRecord} <span className="font-mono">{id}</span>
                </span>
              ) : (
                <a href={href} className={`text-accent hover:underline ${title === id ? 'font-mono' : ''}`}>
                  {title}
                </a>
              )}
            </Chip>
          ))}
        </Wrap>
      );
    }

    case 'file': {
      const names = asList(value);
      if (names.length === 0) return <Empty />;
      return (
        <span className="flex flex-col gap-2">
          {names.map((name) => (
            <FileLine key={name} field={field} record={record} name={name} context={context} />
          ))}
        </span>
      );
    }

    case 'json':
      return (
        <CodeBlock code={value === undefined ? '' : JSON.stringify(value, null, 2)} label={field.name} />
      );

    case 'geoPoint': {
      const point = asPoint(value);
      if (!point) {
        return (
          <span>
            <Empty /> <span className="text-meta text-muted">{words.neverSet}</span>
          </span>
        );
      }
      return (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 tabular-nums">
          <dt className="text-muted">{words.latitude}</dt>
          <dd>{point.lat}</dd>
          <dt className="text-muted">{words.longitude}</dt>
          <dd>{point.lon}</dd>
        </dl>
      );
    }

    case 'editor':
      if (text === '') return <Empty />;
      return (
        <div className="flex flex-col gap-2">
          <span className="break-words whitespace-pre-line">{plainText(text)}</span>
          <details className="text-meta text-muted">
            <summary className="inline-flex h-6 items-center rounded-control underline underline-offset-2 coarse:h-11">
              {words.source}
            </summary>
            <CodeBlock code={text} label={words.source} />
          </details>
        </div>
      );

    case 'password':
      return (
        <span className="text-muted">
          <span aria-hidden="true">{words.passwordDots}</span>{' '}
          <span className="text-meta">{words.passwordSet}</span>
        </span>
      );

    case 'text':
      if (text === '') return <Empty />;
      return (
        <span className={`break-words whitespace-pre-line ${field.name === 'id' ? 'font-mono' : ''}`}>
          {text}
        </span>
      );

    default:
      // A field type of a newer server: its value is still worth seeing.
      return <CodeBlock code={JSON.stringify(value, null, 2)} label={words.unsupported} />;
  }
};
