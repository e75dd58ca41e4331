import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { api, type FileField } from '@/api';
import { IconButton } from '@/components';
import { formatBytes } from '@/locale';
import { messages } from '@/messages.en';
import { Thumb, thumbUrl, type CellContext } from '../CellValue';
import type { FileEntry } from '../draft';
import { isImage } from '../values';
import type { ControlProps } from './controlProps';

const words = messages.recordEditor.files;

/** A picture of a file that is still in this browser alone. */
const NewThumb = ({ file }: { file: File }) => {
  const url = useMemo(() => (isImage(file.name) ? URL.createObjectURL(file) : null), [file]);
  useEffect(
    () => () => {
      if (url !== null) URL.revokeObjectURL(url);
    },
    [url],
  );
  return <Thumb src={url} size="size-12" />;
};

type FileLineProps = { thumb: ReactNode; name: ReactNode; note?: string | undefined; children: ReactNode };

const FileLine = ({ thumb, name, note, children }: FileLineProps) => (
  <li className="flex min-w-0 items-center gap-3 rounded-control border border-line p-2">
    {thumb}
    <span className="flex min-w-0 flex-1 flex-col text-grid">
      {name}
      {note === undefined ? null : <span className="text-meta text-muted">{note}</span>}
    </span>
    {children}
  </li>
);

type FileControlProps = ControlProps<'files', FileField> & {
  /** Null for a record that is not stored yet. */
  recordId: string | null;
  context: CellContext;
  /** How much of each new file has left, from 0 to 1; undefined while nothing is sent. */
  progressOf: (key: string) => number | undefined;
};

/** Files: dropped or chosen, removed or kept until saved. */
export const FileControl = (props: FileControlProps) => {
  const { field, id, draft, describedBy, recordId, context, progressOf, onChange } = props;
  const [isOver, setOver] = useState(false);
  const { files } = draft;
  const isMany = field.maxSelect > 1;
  const set = (next: FileEntry[]) => onChange({ kind: 'files', files: next });

  const add = (added: readonly File[]) => {
    const entries = added.map((file): FileEntry => ({ kind: 'new', key: crypto.randomUUID(), file }));
    if (isMany) {
      set([...files, ...entries]);
      return;
    }
    // The one that is stored stays in sight, so that it is clear what is replaced.
    const last = entries.at(-1);
    if (last) set([...files.filter(({ kind }) => kind === 'stored'), last]);
  };
  const place = (name: string) => files.findIndex((entry) => entry.kind === 'stored' && entry.name === name);
  const move = (name: string, step: number) => {
    const from = place(name);
    const [moved, other] = [files[from], files[from + step]];
    if (!moved || other?.kind !== 'stored') return;
    set(files.map((entry) => (entry === moved ? other : entry === other ? moved : entry)));
  };

  const kept = files.filter((entry) => entry.kind === 'new' || !entry.isRemoved).length;
  const storedCount = files.filter(({ kind }) => kind === 'stored').length;
  const isReplaced = !isMany && files.some(({ kind }) => kind === 'new');
  const isFull = isMany && kept >= field.maxSelect;
  const size = field.maxSize !== undefined && field.maxSize > 0 ? formatBytes(field.maxSize) : null;

  const line = (entry: FileEntry, index: number) => {
    if (entry.kind === 'new') {
      const { key, file } = entry;
      const progress = progressOf(key);
      return (
        <FileLine
          key={key}
          thumb={<NewThumb file={file} />}
          name={<span className="break-all">{file.name}</span>}
          note={progress === undefined ? words.added(formatBytes(file.size)) : formatBytes(file.size)}
        >
          {progress === undefined ? (
            <IconButton
              icon="close"
              label={words.remove(file.name)}
              onClick={() => set(files.filter((one) => one !== entry))}
            />
          ) : (
            <progress
              value={progress}
              max={1}
              aria-label={words.progress(file.name)}
              className="h-2 w-20 accent-accent"
            />
          )}
        </FileLine>
      );
    }
    const { name, isRemoved } = entry;
    const goes = isRemoved || isReplaced;
    const token = field.protected && context.fileToken !== undefined ? { token: context.fileToken } : {};
    const toggle = () => set(files.map((one) => (one === entry ? { ...entry, isRemoved: !isRemoved } : one)));
    return (
      <FileLine
        key={name}
        thumb={
          <Thumb
            src={
              recordId === null
                ? null
                : thumbUrl(context.collection.id, recordId, field, name, context.fileToken)
            }
            size="size-12"
          />
        }
        name={
          <a
            href={api.files.url(context.collection.id, recordId ?? '', name, token)}
            target="_blank"
            rel="noopener noreferrer"
            className={`break-all hover:underline ${goes ? 'text-muted line-through' : ''}`}
          >
            {name}
            <span className="sr-only"> {messages.common.opensInNewTab}</span>
          </a>
        }
        note={isRemoved ? words.removed : isReplaced ? words.replaced : undefined}
      >
        {isMany && storedCount > 1 && !isRemoved ? (
          <span className="flex">
            <IconButton
              icon="chevronUp"
              label={words.earlier(name)}
              disabled={index === 0}
              onClick={() => move(name, -1)}
            />
            <IconButton
              icon="chevronDown"
              label={words.later(name)}
              disabled={index === storedCount - 1}
              onClick={() => move(name, 1)}
            />
          </span>
        ) : null}
        {isReplaced ? null : isRemoved ? (
          <button
            type="button"
            aria-label={words.keep(name)}
            onClick={toggle}
            className="min-h-8 rounded-control px-2 text-grid underline underline-offset-2 hover:bg-sunken coarse:min-h-11"
          >
            {words.keepShort}
          </button>
        ) : (
          <IconButton icon="close" label={words.remove(name)} onClick={toggle} />
        )}
      </FileLine>
    );
  };

  return (
    <div className="flex flex-col gap-2">
      {files.length === 0 ? null : <ul className="flex flex-col gap-2">{files.map(line)}</ul>}
      {isFull ? (
        <p className="text-meta text-muted">{words.full(field.maxSelect)}</p>
      ) : (
        <div
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            add([...event.dataTransfer.files]);
          }}
          className={`flex min-h-14 flex-wrap items-center justify-center gap-x-1 rounded-control border border-dashed p-2 text-center text-grid text-muted has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-offset-2 has-[input:focus-visible]:outline-focus ${
            isOver ? 'border-accent bg-accent-soft' : 'border-control'
          }`}
        >
          <span className="coarse:hidden">{words.drop(isMany)}</span>
          <label
            htmlFor={id}
            className="inline-flex min-h-8 cursor-pointer items-center text-accent underline underline-offset-2 coarse:min-h-11"
          >
            {words.choose(isMany)}
          </label>
          <input
            id={id}
            type="file"
            multiple={isMany}
            accept={field.mimeTypes?.join(',')}
            aria-label={words.chooseFor(field.name)}
            aria-describedby={describedBy}
            onChange={(event) => {
              add([...(event.target.files ?? [])]);
              // So that the same file can be chosen again after it was removed.
              event.target.value = '';
            }}
            className="sr-only"
          />
          <span className="w-full text-meta">
            {words.limits(field.maxSelect, size, field.mimeTypes ?? [])}
          </span>
        </div>
      )}
    </div>
  );
};
