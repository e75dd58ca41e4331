import { Link } from '@tanstack/react-router';
import { toApiError, type Collection } from '@/api';
import { Button, buttonClass, CodeBlock, ErrorState, Icon, StateView, useTitle } from '@/components';
import { formatAge, formatCount, parseDate } from '@/locale';
import { messages } from '@/messages.en';
import { createCollectionCall } from './callExample';
import { useCollections, useRecordCount } from './useCollections';

const words = messages.collections;

/** More than this many counts at once would keep a small server busy for a list nobody reads to the end. */
const countAtMost = 30;

const RecordCount = ({ collection }: { collection: Collection }) => {
  const { data, isError } = useRecordCount(collection);
  if (isError) return <span className="text-muted">{words.countUnknown}</span>;
  if (data === undefined) return null;
  return (
    <>
      <span className="text-muted sm:hidden">{words.records(data)}</span>
      <span className="hidden sm:inline">
        {formatCount(data)} <span className="sr-only">{words.columns.records}</span>
      </span>
    </>
  );
};

const columns = 'sm:grid-cols-[minmax(0,1fr)_5rem_6rem_5rem_8rem]';

const CollectionRow = ({ collection, counted }: { collection: Collection; counted: boolean }) => {
  const changed = parseDate(collection.updated);
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        to="/c/$collection"
        params={{ collection: collection.name }}
        className={`grid min-h-11 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 rounded-control px-4 py-2 hover:bg-sunken sm:py-0 ${columns}`}
      >
        <span className="flex min-w-0 items-center gap-3">
          <span className="text-muted">
            <Icon name={collection.type} />
          </span>
          <span className="truncate font-medium">{collection.name}</span>
        </span>
        <span className="hidden text-grid text-muted sm:block">{words.types[collection.type]}</span>
        <span className="text-end text-grid tabular-nums">
          {counted ? <RecordCount collection={collection} /> : null}
        </span>
        <span className="hidden text-end text-grid text-muted tabular-nums sm:block">
          {formatCount(collection.fields.length)}
          <span className="sr-only"> {words.columns.fields}</span>
        </span>
        <span className="hidden text-end text-grid text-muted sm:block">
          {changed ? formatAge(changed) : null}
        </span>
      </Link>
    </li>
  );
};

const CollectionList = ({ collections, label }: { collections: Collection[]; label: string }) => (
  <div className="overflow-hidden rounded-panel border border-line bg-surface">
    <div
      aria-hidden="true"
      className={`hidden h-9 items-center gap-x-4 border-b border-line bg-sunken px-4 text-meta font-medium text-muted sm:grid ${columns}`}
    >
      <span>{words.columns.name}</span>
      <span>{words.columns.type}</span>
      <span className="text-end">{words.columns.records}</span>
      <span className="text-end">{words.columns.fields}</span>
      <span className="text-end">{words.columns.changed}</span>
    </div>
    <ul aria-label={label}>
      {collections.map((collection, index) => (
        <CollectionRow key={collection.id} collection={collection} counted={index < countAtMost} />
      ))}
    </ul>
  </div>
);

const Example = ({ onLook }: { onLook: () => void }) => (
  <div className="flex w-full min-w-0 flex-col items-start gap-3">
    <CodeBlock code={createCollectionCall()} label={words.exampleLabel} />
    <p className="text-start text-meta text-muted">{words.tokenHint}</p>
    <Button onClick={onLook}>{words.exampleRefresh}</Button>
  </div>
);

const Skeleton = () => (
  <div
    role="status"
    aria-label={messages.common.loading}
    className="appear-late overflow-hidden rounded-panel border border-line bg-surface"
  >
    {[40, 30, 55, 35, 45].map((width) => (
      <div key={width} className="flex h-11 items-center border-b border-line px-4 last:border-b-0">
        <span className="h-3 rounded-control bg-sunken" style={{ width: `${width}%` }} />
      </div>
    ))}
  </div>
);

const DataBody = () => {
  const { data, error, isPending, refetch } = useCollections();
  const look = () => void refetch();
  if (isPending) return <Skeleton />;
  if (!data) return <ErrorState error={toApiError(error)} onRetry={look} />;

  const own = data.filter(({ system }) => !system);
  const system = data.filter((collection) => collection.system);
  return (
    <div className="flex flex-col gap-6">
      {own.length > 0 ? (
        <CollectionList collections={own} label={messages.shell.collections} />
      ) : (
        <div className="rounded-panel border border-line bg-surface">
          <StateView picture="empty" {...words.empty}>
            <Link to="/new" className={buttonClass('accent')}>
              <Icon name="plus" />
              {messages.fields.create.link}
            </Link>
          </StateView>
        </div>
      )}
      {own.length <= 1 ? (
        <details className="group">
          <summary className="inline-flex h-8 items-center gap-2 rounded-control pe-2 text-grid font-medium coarse:h-11">
            <span className="text-muted group-open:rotate-90">
              <Icon name="chevronRight" className="size-3" />
            </span>
            {words.exampleTitle}
          </summary>
          <div className="flex flex-col gap-3 pt-2">
            <p className="text-muted">{words.exampleBody}</p>
            <Example onLook={look} />
          </div>
        </details>
      ) : null}
      {system.length > 0 ? (
        <details className="group">
          <summary className="inline-flex h-8 items-center gap-2 rounded-control pe-2 text-grid font-medium coarse:h-11">
            <span className="text-muted group-open:rotate-90">
              <Icon name="chevronRight" className="size-3" />
            </span>
            {words.systemTitle(system.length)}
          </summary>
          <div className="pt-2">
            <CollectionList collections={system} label={messages.shell.system} />
          </div>
        </details>
      ) : null}
    </div>
  );
};

/** The first screen: which collections there are and how big they are. */
export const DataPage = () => {
  useTitle(words.title);
  const { data: collections = [] } = useCollections();
  const hasOwn = collections.some(({ system }) => !system);
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex w-full max-w-220 flex-col gap-4 p-4 sm:p-5 lg:p-6">
        <div className="flex items-center justify-between gap-4">
          <h1 className="text-page font-semibold">{words.title}</h1>
          <div className="flex flex-wrap justify-end gap-2">
            <Link to="/schema/export" className={buttonClass('plain')}>
              {messages.schema.link}
            </Link>
            {hasOwn ? (
              <Link to="/new" className={buttonClass('accent')}>
                <Icon name="plus" />
                {messages.fields.create.link}
              </Link>
            ) : null}
          </div>
        </div>
        <DataBody />
      </div>
    </div>
  );
};
