import { useQueryClient } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { api, keys, toApiError, type ApiError, type Collection } from '@/api';
import { Button, Callout, Sheet, TextField, useForm } from '@/components';
import { formatCount } from '@/locale';
import { messages } from '@/messages.en';
import { runMany } from './runMany';
import { useConsequences, type Consequence } from './useConsequences';

const words = messages.recordEditor.remove;

/** More than this, and the number has to be typed: nobody deletes so many with one press too many. */
const typedFrom = 101;

const asWords = ({ collection, field, count }: Consequence): string =>
  count === undefined ? words.pointing(collection, field) : words.pointingCounted(count, collection, field);

const Consequences = ({ list }: { list: readonly Consequence[] }) => {
  const deleted = list.filter(({ deletes }) => deletes).map(asWords);
  const emptied = list.filter(({ deletes }) => !deletes).map(asWords);
  return (
    <>
      {deleted.length === 0 ? null : <Callout tone="warn">{words.cascade(deleted)}</Callout>}
      {emptied.length === 0 ? null : <p className="text-muted">{words.emptied(emptied)}</p>}
    </>
  );
};

/** A longer name would not fit its button. */
const longTitle = 32;

type DeleteSheetProps = {
  collection: Collection;
  collections: readonly Collection[];
  ids: readonly string[];
  /** The name of the one record, when it is one. */
  title: string;
  onClose: () => void;
  /** What is gone, also when others could not be deleted. */
  onDeleted: (ids: readonly string[]) => void;
};

/** Asks before records are deleted for good, says what goes with them, and stays until they are. */
export const DeleteSheet = (props: DeleteSheetProps) => {
  const { collection, collections, ids, title, onClose, onDeleted } = props;
  const form = useForm();
  const formId = useId();
  const client = useQueryClient();
  const [left, setLeft] = useState<readonly string[]>(ids);
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  const [finished, setFinished] = useState<number | null>(null);
  const [failure, setFailure] = useState<{ error: ApiError; count: number } | null>(null);
  const stop = useRef<AbortController>(null);
  // Of what was asked to be deleted, not of what is left: the sentence must not change while it is done.
  const { consequences, isCounting } = useConsequences(collection, collections, ids);
  const count = left.length;
  const isRunning = finished !== null;
  const isOne = ids.length === 1;

  const run = async () => {
    if (isRunning) return;
    if (count >= typedFrom && typed.replaceAll(/\D/g, '') !== String(count)) {
      setWrong(true);
      return;
    }
    const controller = new AbortController();
    stop.current = controller;
    setFailure(null);
    setFinished(0);
    const { done, failed } = await runMany(left, (id) => api.records.delete(collection.name, id), {
      signal: controller.signal,
      onProgress: setFinished,
    });
    // One that is gone already is what was wanted.
    const gone = failed.filter(({ error }) => toApiError(error).kind === 'missing').map(({ id }) => id);
    const kept = failed.filter(({ id }) => !gone.includes(id));
    const deleted = [...done, ...gone];
    onDeleted(deleted);
    void client.invalidateQueries({ queryKey: keys.records.lists(collection.id) });
    void client.invalidateQueries({ queryKey: keys.records.count(collection.id) });
    // Those of other collections may have lost what they pointed to, or be gone as well.
    void client.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[0] === 'records' && queryKey[1] !== collection.id,
    });
    setFinished(null);
    const [first] = kept;
    const rest = left.filter((id) => !deleted.includes(id));
    if (rest.length === 0) {
      onClose();
      return;
    }
    setLeft(rest);
    if (first) setFailure({ error: toApiError(first.error), count: kept.length });
  };

  return (
    <Sheet
      title={isOne ? words.title(title) : words.titleMany(count, collection.name)}
      side={form === 'phone' ? 'bottom' : 'centre'}
      onClose={() => {
        stop.current?.abort();
        onClose();
      }}
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
        className="flex flex-col gap-4 p-4"
      >
        <p className="break-words">{isOne ? words.body : words.bodyMany(count)}</p>
        {isCounting ? (
          <p className="appear-late text-meta text-muted">{words.counting}</p>
        ) : (
          <Consequences list={consequences} />
        )}
        {failure === null ? null : (
          <Callout tone="danger" detail={messages.errors.detail(failure.error)}>
            {words.failed(failure.count)}
          </Callout>
        )}
        {count < typedFrom ? null : (
          <TextField
            label={words.typeCount(formatCount(count))}
            inputMode="numeric"
            autoComplete="off"
            value={typed}
            error={isWrong ? words.countWrong : undefined}
            onChange={(event) => {
              setTyped(event.target.value);
              setWrong(false);
            }}
          />
        )}
        <div className="flex flex-col gap-2 pt-1 sm:flex-row sm:items-center sm:justify-end">
          {isRunning ? (
            <span role="status" className="me-auto text-grid text-muted tabular-nums">
              {words.progress(finished, count)}
            </span>
          ) : null}
          {isRunning ? (
            <Button onClick={() => stop.current?.abort()}>{words.stop}</Button>
          ) : (
            <Button data-initial-focus onClick={onClose}>
              {words.cancel}
            </Button>
          )}
          <Button type="submit" look="danger" busy={isRunning}>
            {isRunning
              ? words.deleting
              : isOne
                ? words.act(title.length > longTitle ? words.thisRecord : title)
                : words.actMany(count, collection.name)}
          </Button>
        </div>
      </form>
    </Sheet>
  );
};
