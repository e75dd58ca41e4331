import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, keys, toApiError, type RecordData } from '@/api';
import { Callout, TextArea } from '@/components';
import { messages } from '@/messages.en';
import { useSettled } from '../useSettled';
import { TypeSign } from './FieldRow';

const words = messages.fields.query;
const pause = 400;

const cellText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
};

type SampleProps = { columns: readonly string[]; rows: readonly RecordData[] };

const Sample = ({ columns, rows }: SampleProps) => (
  <div
    role="region"
    aria-label={words.sample(rows.length)}
    tabIndex={0}
    className="overflow-x-auto rounded-panel border border-line bg-surface -outline-offset-2"
  >
    <table className="w-full text-start text-grid">
      <thead>
        <tr className="border-b border-line bg-sunken text-meta text-muted">
          {columns.map((name) => (
            <th key={name} scope="col" className="h-9 px-3 text-start font-medium whitespace-nowrap">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index} className="border-b border-line last:border-b-0">
            {columns.map((name) => (
              <td key={name} className="h-9 max-w-64 truncate px-3 whitespace-nowrap">
                {cellText(row[name]) || <span className="text-muted">{messages.common.dash}</span>}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** What the server says after "Raw error": the sentence that helps. */
const reasonOf = (message: string): string => /Raw error:\s*([\s\S]*)$/.exec(message)?.[1]?.trim() ?? message;

const Preview = ({ query }: { query: string }) => {
  const settled = useSettled(query.trim(), pause);
  const { data, error, isFetching } = useQuery({
    queryKey: keys.viewPreview(settled),
    queryFn: ({ signal }) => api.collections.tryView(settled, { signal }),
    enabled: settled !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (settled === '') return <p className="text-muted">{words.missing}</p>;
  if (error) {
    const failure = toApiError(error);
    return (
      <Callout tone="danger">
        <p className="font-medium">{words.wrong}</p>
        <p className="font-mono text-meta break-words">{reasonOf(failure.message)}</p>
      </Callout>
    );
  }
  if (!data) return <p className="appear-late text-muted">{words.checking}</p>;
  return (
    <div className={`flex flex-col gap-4 ${isFetching ? 'opacity-60' : ''}`}>
      <section className="flex flex-col gap-2">
        <h2 className="text-title font-semibold">{words.fields(data.fields.length)}</h2>
        <ul
          aria-label={messages.fields.list}
          className="overflow-hidden rounded-panel border border-line bg-surface"
        >
          {data.fields.map(({ name, type }) => (
            <li
              key={name}
              className="flex min-h-9 items-center gap-3 border-b border-line px-3 last:border-b-0"
            >
              <TypeSign type={type} />
              <span className="min-w-0 truncate font-medium">{name}</span>
              <span className="ms-auto text-grid text-muted">{messages.fields.types[type]}</span>
            </li>
          ))}
        </ul>
      </section>
      <section className="flex flex-col gap-2">
        <h2 className="text-title font-semibold">{words.sample(data.sample.length)}</h2>
        {data.sample.length === 0 ? null : (
          <Sample columns={data.fields.map(({ name }) => name)} rows={data.sample} />
        )}
      </section>
    </div>
  );
};

type ViewQueryProps = { query: string; error: string | undefined; onChange: (query: string) => void };

/** The query of a view, and what it finds while it is being written. */
export const ViewQuery = ({ query, error, onChange }: ViewQueryProps) => (
  <div className="flex flex-col gap-4">
    <TextArea
      label={words.label}
      value={query}
      rows={Math.min(16, Math.max(5, query.split('\n').length + 1))}
      spellCheck={false}
      autoCapitalize="none"
      placeholder={words.placeholder}
      hint={words.hint}
      error={error}
      onChange={({ target }) => onChange(target.value)}
    />
    <Preview query={query} />
  </div>
);
