import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState, type RefObject } from 'react';
import { type Collection } from '@/api';
import { Icon } from '@/components';
import { messages } from '@/messages.en';
import { useCollections } from './useCollections';

const words = messages.shell;
const filterFrom = 9;

const NavLink = ({ collection, onGo }: { collection: Collection; onGo?: (() => void) | undefined }) => (
  <li>
    <Link
      to="/c/$collection"
      params={{ collection: collection.name }}
      activeProps={{ 'aria-current': 'page' }}
      {...(onGo ? { onClick: onGo } : {})}
      title={collection.name}
      className="flex h-8 items-center gap-2 rounded-control px-2 text-grid text-text hover:bg-sunken aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium coarse:h-11"
    >
      <span className="text-muted">
        <Icon name={collection.type} />
      </span>
      <span className="truncate">{collection.name}</span>
      <span className="sr-only">{messages.collections.types[collection.type]}</span>
    </Link>
  </li>
);

const Skeleton = () => (
  <ul aria-label={messages.common.loading} className="appear-late flex flex-col gap-4 px-2 py-2">
    {[60, 85, 45, 70].map((width) => (
      <li key={width} className="h-3 rounded-control bg-sunken" style={{ width: `${width}%` }} />
    ))}
  </ul>
);

type CollectionNavProps = {
  systemOpen: boolean;
  onSystemOpen: (open: boolean) => void;
  filterRef?: RefObject<HTMLInputElement | null>;
  /** Called when a collection is chosen, so that a sheet can close. */
  onGo?: () => void;
};

/** The list of collections: own ones first, the system's folded away, a filter once there are many. */
export const CollectionNav = ({ systemOpen, onSystemOpen, filterRef, onGo }: CollectionNavProps) => {
  const { data: collections, isPending } = useCollections();
  const { collection: current } = useParams({ strict: false });
  const [typed, setTyped] = useState('');
  const filterId = useId();
  const list = useRef<HTMLDivElement>(null);
  const isLoaded = collections !== undefined;

  // A link may lead to a collection far down the list.
  useEffect(() => {
    if (isLoaded) list.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest' });
  }, [isLoaded, current]);

  if (isPending) return <Skeleton />;
  // The screen beside it says why there are none.
  if (!collections) return null;

  const wanted = typed.trim().toLowerCase();
  const matching = collections.filter(({ name }) => name.toLowerCase().includes(wanted));
  const own = matching.filter(({ system }) => !system);
  const system = matching.filter((collection) => collection.system);
  const inSystem = system.some(({ name, id }) => name === current || id === current);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {collections.length >= filterFrom ? (
        <div className="relative px-3 pb-2">
          <label htmlFor={filterId} className="sr-only">
            {words.filter}
          </label>
          <span className="pointer-events-none absolute start-5 top-2 text-muted coarse:top-3.5">
            <Icon name="search" />
          </span>
          <input
            id={filterId}
            ref={filterRef}
            type="search"
            value={typed}
            placeholder={words.filter}
            aria-keyshortcuts="/"
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              if (typed === '') event.currentTarget.blur();
              setTyped('');
            }}
            className="h-8 w-full rounded-control border border-control bg-surface ps-8 pe-2 text-grid coarse:h-11 coarse:text-title"
          />
        </div>
      ) : null}
      <div ref={list} className="min-h-0 flex-1 scroll-py-2 overflow-y-auto px-3 pb-3">
        <ul aria-label={words.collections}>
          {own.map((collection) => (
            <NavLink key={collection.id} collection={collection} onGo={onGo} />
          ))}
        </ul>
        {matching.length === 0 && wanted !== '' ? (
          <p className="px-2 py-2 text-grid break-words text-muted">{words.noMatch(typed.trim())}</p>
        ) : null}
        {own.length === 0 && wanted === '' ? (
          <p className="px-2 py-2 text-grid text-muted">{words.noCollections}</p>
        ) : null}
        {system.length > 0 ? (
          <details
            open={systemOpen || wanted !== '' || inSystem}
            className="group mt-3"
            onToggle={(event) => {
              if (wanted === '' && !inSystem) onSystemOpen(event.currentTarget.open);
            }}
          >
            <summary className="flex h-8 items-center gap-2 rounded-control px-2 text-meta font-medium text-muted hover:bg-sunken coarse:h-11">
              <span className="group-open:rotate-90">
                <Icon name="chevronRight" className="size-3" />
              </span>
              {words.system}
            </summary>
            <ul aria-label={words.system}>
              {system.map((collection) => (
                <NavLink key={collection.id} collection={collection} onGo={onGo} />
              ))}
            </ul>
          </details>
        ) : null}
      </div>
    </div>
  );
};
