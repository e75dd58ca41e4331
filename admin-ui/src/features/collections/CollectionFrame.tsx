import { Link, Outlet, useBlocker, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { toApiError, type Collection } from '@/api';
import { buttonClass, ConfirmSheet, ErrorState, StateView, useTitle } from '@/components';
import { messages } from '@/messages.en';
import { CollectionHeader } from './CollectionHeader';
import { WidenSheet, wideningsOf, type Widening } from './rules/WidenSheet';
import { ChangeBar } from './shape/ChangeBar';
import { checkDraft } from './shape/problems';
import { EditingContext, useDraft } from './shape/useDraft';
import { findCollection, useCollections } from './useCollections';

const words = messages.fields;

/** Whether a route is a tab of the same collection, where the draft goes on. */
const isTabOf = (pathname: string, collection: string): boolean => {
  const match = /^\/c\/([^/]+)\/(?:fields|rules|options|api)\/?$/.exec(pathname);
  return match?.[1] !== undefined && decodeURIComponent(match[1]) === collection;
};

const Tabs = ({ collection, address }: { collection: Collection; address: string }) => {
  useTitle(collection.name);
  const navigate = useNavigate();
  const editing = useDraft(collection);
  const { changes, problems, attempt, discard } = editing;
  const latest = useRef(editing);
  useLayoutEffect(() => {
    latest.current = editing;
  });
  const body = useRef<HTMLDivElement>(null);
  // After a save the route may change with the name; there is nothing to ask about any more.
  const isSaved = useRef(false);
  const [isLeaving, setLeaving] = useState(false);
  const [widenings, setWidenings] = useState<Widening[]>([]);

  const blocker = useBlocker({
    shouldBlockFn: ({ next }) =>
      changes.length > 0 &&
      !isSaved.current &&
      next.pathname !== '/login' &&
      !isTabOf(next.pathname, address),
    enableBeforeUnload: changes.length > 0,
    withResolver: true,
  });

  const submit = async (isReviewed = false) => {
    // A name is taken over when its input is left; one that is still being typed counts, too.
    const focused = document.activeElement;
    if (focused instanceof HTMLInputElement) {
      flushSync(() => focused.blur());
      focused.focus();
    }
    if (latest.current.changes.length === 0 || latest.current.isSaving) return;
    const opened = wideningsOf(latest.current.draft, latest.current.stored);
    const hasBlank = Object.keys(checkDraft(latest.current.draft)).length > 0;
    if (!isReviewed && opened.length > 0 && !hasBlank) {
      setWidenings(opened);
      return;
    }
    const saved = await latest.current.save();
    if (!saved || saved.name === address || saved.id === address) return;
    isSaved.current = true;
    await navigate({ to: '.', params: { collection: saved.name }, replace: true });
    isSaved.current = false;
  };

  useEffect(() => {
    if (attempt > 0) body.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [attempt]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) void submit();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });

  return (
    <EditingContext value={editing}>
      <div className="flex h-full min-w-0 flex-col">
        <CollectionHeader collection={collection} problems={problems} />
        <div ref={body} className="min-h-0 flex-1 scroll-pb-24 overflow-y-auto">
          <Outlet />
        </div>
        {changes.length > 0 ? (
          <ChangeBar
            {...editing}
            onSave={() => void submit()}
            onDiscard={() => (changes.length > 3 ? setLeaving(true) : discard())}
          />
        ) : null}
      </div>
      {widenings.length > 0 ? (
        <WidenSheet
          collection={collection}
          widenings={widenings}
          onCancel={() => setWidenings([])}
          onSave={() => {
            setWidenings([]);
            void submit(true);
          }}
        />
      ) : null}
      {isLeaving || blocker.status === 'blocked' ? (
        <ConfirmSheet
          title={words.leave.title}
          cancel={words.leave.stay}
          act={words.leave.discard(changes.length)}
          onCancel={() => {
            setLeaving(false);
            if (blocker.status === 'blocked') blocker.reset();
          }}
          onConfirm={() => {
            setLeaving(false);
            discard();
            if (blocker.status === 'blocked') blocker.proceed();
          }}
        >
          <p className="break-words">
            {words.leave.body(changes.map(({ sign, text }) => `${sign} ${text}`))}
          </p>
        </ConfirmSheet>
      ) : null}
    </EditingContext>
  );
};

const Skeleton = () => (
  <div role="status" aria-label={messages.common.loading} className="appear-late h-full">
    <div className="flex h-12 items-center border-b border-line bg-surface px-4 sm:px-3 coarse:h-14">
      <span className="h-4 w-32 rounded-control bg-sunken" />
    </div>
    <div className="flex flex-col gap-3 p-6">
      {[70, 70, 70, 70].map((width, index) => (
        <span
          key={index}
          className="h-10 max-w-220 rounded-control bg-sunken"
          style={{ width: `${width}%` }}
        />
      ))}
    </div>
  </div>
);

/** The tabs of the collection an address names, around one draft. */
export const CollectionFrame = () => {
  const { collection: address = '' } = useParams({ strict: false });
  const { data: collections, error, isPending, refetch } = useCollections();
  const [lastId, setLastId] = useState('');
  if (isPending) return <Skeleton />;
  if (!collections) {
    return <ErrorState heading="h1" error={toApiError(error)} onRetry={() => void refetch()} />;
  }
  // Renamed just now: the address follows in a moment.
  const collection = findCollection(collections, address) ?? collections.find(({ id }) => id === lastId);
  if (!collection) {
    return (
      <StateView
        heading="h1"
        picture="missing"
        title={messages.collections.notFound.title}
        body={messages.collections.notFound.body(address)}
      >
        <Link to="/c" className={buttonClass()}>
          {messages.collections.notFound.act}
        </Link>
      </StateView>
    );
  }
  if (collection.id !== lastId) setLastId(collection.id);
  return <Tabs key={collection.id} collection={collection} address={address} />;
};
