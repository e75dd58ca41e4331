import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useRef, useState, useSyncExternalStore } from 'react';
import { session } from '@/api';
import { Icon, Sheet, useForm } from '@/components';
import { CollectionNav } from '@/features/collections';
import { messages } from '@/messages.en';
import { preferences, useShortcuts, useStored } from '@/preferences';
import { AccountPanel, KeysSheet } from './AccountMenu';
import { ServerLine } from './ServerLine';
import { BottomNav, Rail, Sidebar } from './Sidebar';

const words = messages.shell;

type OpenSheet = 'collections' | 'more' | 'keys' | null;

/** The frame of every screen behind the sign-in. */
export const Shell = () => {
  const form = useForm();
  const navigate = useNavigate();
  const filterRef = useRef<HTMLInputElement>(null);
  const main = useRef<HTMLElement>(null);
  const [sheet, setSheet] = useState<OpenSheet>(null);
  const [folded, setFolded] = useStored(preferences.sidebarFolded);
  const [systemOpen, setSystemOpen] = useStored(preferences.systemOpen);
  const email = useSyncExternalStore(session.subscribe, session.get)?.email ?? '';
  const close = () => setSheet(null);

  useShortcuts({
    '[': () => {
      if (form === 'desktop') setFolded(!folded);
    },
    '/': () => {
      // A page with a search of its own is searched; others have the list of collections.
      const here = document.querySelector<HTMLElement>('[data-page-search]');
      if (here) here.focus();
      else if (filterRef.current) filterRef.current.focus();
      else if (form !== 'phone') setSheet('collections');
    },
    'g d': () => void navigate({ to: '/c' }),
    'g ,': () => void navigate({ to: '/settings/mail' }),
    '?': () => setSheet('keys'),
  });

  const navigation = () => {
    const onKeys = () => setSheet('keys');
    if (form === 'phone') return <BottomNav onMore={() => setSheet('more')} />;
    if (form === 'desktop' && !folded) return <Sidebar email={email} filterRef={filterRef} onKeys={onKeys} />;
    return (
      <Rail
        email={email}
        onData={() => setSheet('collections')}
        onUnfold={form === 'desktop' ? () => setFolded(false) : undefined}
        onKeys={onKeys}
      />
    );
  };

  return (
    <div className="flex h-full flex-col">
      <button
        type="button"
        onClick={() => main.current?.focus()}
        className="sr-only z-50 rounded-control bg-surface px-4 py-2 shadow-1 focus:not-sr-only focus:fixed focus:start-2 focus:top-2"
      >
        {words.skip}
      </button>
      <ServerLine />
      <div className={`flex min-h-0 flex-1 ${form === 'phone' ? 'flex-col-reverse' : ''}`}>
        {navigation()}
        <main ref={main} tabIndex={-1} className="min-h-0 min-w-0 flex-1 outline-none">
          <Outlet />
        </main>
      </div>

      {sheet === 'collections' ? (
        <Sheet title={words.data} side="start" onClose={close}>
          <div className="flex h-full flex-col pt-2">
            <div className="px-3 pb-1">
              <Link
                to="/c"
                onClick={close}
                className="flex h-8 items-center gap-2 rounded-control px-2 text-grid font-medium hover:bg-sunken coarse:h-11"
              >
                <span className="text-muted">
                  <Icon name="data" />
                </span>
                {words.allCollections}
              </Link>
            </div>
            <CollectionNav systemOpen={systemOpen} onSystemOpen={setSystemOpen} onGo={close} />
          </div>
        </Sheet>
      ) : null}
      {sheet === 'more' ? (
        <Sheet title={words.more} side="bottom" onClose={close}>
          <Link
            to="/settings/mail"
            onClick={close}
            className="flex h-12 items-center gap-3 border-b border-line px-4 font-medium"
          >
            <span className="text-muted">
              <Icon name="settings" />
            </span>
            {words.settings}
          </Link>
          <AccountPanel email={email} />
        </Sheet>
      ) : null}
      {sheet === 'keys' ? <KeysSheet onClose={close} /> : null}
    </div>
  );
};
