import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, toApiError, type Collection, type Field, type RecordData } from '@/api';
import { Button, Callout, IconButton, Sheet, useForm } from '@/components';
import { messages } from '@/messages.en';
import type { CellContext } from './CellValue';
import { expandParam } from './columns';
import { FieldControl } from './controls/FieldControl';
import { draftOf, isChanged, isEditable, writeOf, type Drafts, type Problems } from './draft';
import { problemsOf } from './recordProblems';
import { runMany } from './runMany';
import { keepRecord } from './useSaveRecord';

const words = messages.recordGrid.bulk;

// One file or one password for many records is hardly ever meant.
const isOffered = (field: Field, collection: Collection): boolean =>
  isEditable(field, collection) && field.type !== 'file' && field.type !== 'password';

type Failure = { count: number; reasons: string[]; detail: string };

type BulkEditSheetProps = {
  context: CellContext;
  ids: readonly string[];
  /** Those of the selected records that are loaded. */
  known: readonly RecordData[];
  onClose: () => void;
  /** What has the new values now, also when others could not be changed. */
  onChanged: (ids: readonly string[]) => void;
};

/** Sets the same values in many records, says how many have them already, and keeps those that were refused. */
export const BulkEditSheet = ({ context, ids, known, onClose, onChanged }: BulkEditSheetProps) => {
  const { collection } = context;
  const form = useForm();
  const client = useQueryClient();
  const [drafts, setDrafts] = useState<Drafts>({});
  const [left, setLeft] = useState<readonly string[]>(ids);
  const [problems, setProblems] = useState<Problems>({});
  const [isMissing, setMissing] = useState(false);
  const [finished, setFinished] = useState<number | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const stop = useRef<AbortController>(null);
  const offered = collection.fields.filter((field) => isOffered(field, collection));
  const chosen = offered.filter(({ name }) => drafts[name] !== undefined);
  const isRunning = finished !== null;

  const apply = async () => {
    if (isRunning) return;
    setMissing(chosen.length === 0);
    if (chosen.length === 0) return;
    const result = writeOf(collection, drafts);
    setProblems('problems' in result ? result.problems : {});
    if ('problems' in result) return;
    const controller = new AbortController();
    stop.current = controller;
    setFailure(null);
    setFinished(0);
    const change = async (id: string) =>
      keepRecord(
        client,
        collection,
        await api.records.update(collection.name, id, result.write, expandParam(collection)),
      );
    const { done, failed } = await runMany(left, change, {
      signal: controller.signal,
      onProgress: setFinished,
    });
    onChanged(done);
    setFinished(null);
    const rest = left.filter((id) => !done.includes(id));
    if (rest.length === 0) {
      onClose();
      return;
    }
    setLeft(rest);
    const errors = failed.map(({ error }) => toApiError(error));
    const [first] = errors;
    if (!first) return;
    const reasons = errors.flatMap((error) =>
      Object.entries(problemsOf(collection, error)).map(([name, problem]) => words.reason(name, problem)),
    );
    setFailure({
      count: errors.length,
      reasons: [...new Set(reasons)],
      detail: messages.errors.detail(first),
    });
  };

  const alreadySo = (field: Field): string | undefined => {
    const now = drafts[field.name];
    const selected = known.filter(({ id }) => left.includes(id));
    if (!now || selected.length === 0) return undefined;
    const same = selected.filter((record) => !isChanged(field, draftOf(field, record[field.name]), now));
    return words.alreadySo(same.length, selected.length);
  };

  return (
    <Sheet
      title={words.title(left.length)}
      side={form === 'phone' ? 'bottom' : 'centre'}
      onClose={() => {
        stop.current?.abort();
        onClose();
      }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
        className="flex min-h-80 flex-col gap-3 py-4"
      >
        <p className="px-4 text-muted">{words.intro}</p>
        {chosen.map((field) => (
          <div key={field.id} className="flex items-start">
            <div className="min-w-0 flex-1">
              <FieldControl
                field={field}
                record={null}
                draft={drafts[field.name] ?? draftOf(field, undefined)}
                isChanged={false}
                error={problems[field.name]}
                context={context}
                progressOf={() => undefined}
                onChange={(draft) => setDrafts((before) => ({ ...before, [field.name]: draft }))}
              />
              <p className="px-4 text-meta text-muted">{alreadySo(field)}</p>
            </div>
            <span className="pt-1 pe-2">
              <IconButton
                icon="close"
                label={words.remove(field.name)}
                onClick={() =>
                  setDrafts((before) =>
                    Object.fromEntries(Object.entries(before).filter(([name]) => name !== field.name)),
                  )
                }
              />
            </span>
          </div>
        ))}
        {chosen.length === offered.length ? null : (
          <div className="px-4">
            <select
              aria-label={words.field}
              data-initial-focus
              value=""
              aria-invalid={isMissing}
              onChange={(event) => {
                const field = offered.find(({ name }) => name === event.target.value);
                if (!field) return;
                setMissing(false);
                setDrafts((before) => ({ ...before, [field.name]: draftOf(field, undefined) }));
              }}
              className="h-9 w-full rounded-control border border-control bg-surface px-3 coarse:h-11 coarse:text-title"
            >
              <option value="">{words.addField}</option>
              {offered
                .filter((field) => !chosen.includes(field))
                .map(({ id, name }) => (
                  <option key={id} value={name}>
                    {name}
                  </option>
                ))}
            </select>
            <p role="status" className="min-h-4 text-meta text-danger">
              {isMissing ? words.nothing : null}
            </p>
          </div>
        )}
        {failure === null ? null : (
          <div className="px-4">
            <Callout tone="danger" detail={failure.detail}>
              {words.failed(failure.count)}
              {failure.reasons.length === 0 ? null : (
                <ul className="list-disc ps-4">
                  {failure.reasons.slice(0, 5).map((reason) => (
                    <li key={reason}>{reason}</li>
                  ))}
                </ul>
              )}
            </Callout>
          </div>
        )}
        <div className="mt-auto flex flex-col gap-2 px-4 pt-1 sm:flex-row sm:items-center sm:justify-end">
          {isRunning ? (
            <>
              <span role="status" className="me-auto text-grid text-muted tabular-nums">
                {words.progress(finished, left.length)}
              </span>
              <Button onClick={() => stop.current?.abort()}>{words.stop}</Button>
            </>
          ) : (
            <Button onClick={onClose}>{words.cancel}</Button>
          )}
          <Button type="submit" look="accent" busy={isRunning}>
            {isRunning ? words.applying : words.apply(left.length)}
          </Button>
        </div>
      </form>
    </Sheet>
  );
};
