import { Callout } from '@/components';
import { formatAge, parseDate } from '@/locale';
import { messages } from '@/messages.en';
import { useMailStatus } from './useSettings';

const words = messages.settings.mail.status;

/** How sending goes since the start of the server; nothing where the server does not tell. */
export const MailStatusLine = () => {
  const { data } = useMailStatus();
  if (!data) return null;
  const failed = parseDate(data.lastError?.time);
  return (
    <div className="flex max-w-160 flex-col gap-3">
      {data.transport === 'none' ? <Callout tone="warn">{words.none}</Callout> : null}
      {data.transport === 'log' ? <Callout tone="note">{words.log}</Callout> : null}
      <dl className="grid grid-cols-3 gap-4 rounded-control border border-line bg-surface px-4 py-3">
        {(['sent', 'queued', 'failed'] as const).map((key) => (
          <div key={key} className="flex min-w-0 flex-col">
            <dt className="text-meta text-muted">{words[key]}</dt>
            <dd className="tabular-nums">{words.count(data[key])}</dd>
          </div>
        ))}
      </dl>
      {data.lastError ? (
        <p className="text-grid break-words text-muted">
          {words.lastError(failed ? formatAge(failed) : '', data.lastError.message)}
        </p>
      ) : null}
    </div>
  );
};
