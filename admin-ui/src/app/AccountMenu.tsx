import { useId, useState } from 'react';
import { session } from '@/api';
import { Button, Icon, Segments, Sheet } from '@/components';
import { messages } from '@/messages.en';
import { preferences, useStored, type Theme } from '@/preferences';

const words = messages.shell;

export const KeysSheet = ({ onClose }: { onClose: () => void }) => {
  const [singleKeys, setSingleKeys] = useStored(preferences.singleKeys);
  return (
    <Sheet title={words.keysTitle} side="centre" onClose={onClose}>
      <dl className="flex flex-col p-4">
        {words.keyList.map(({ keys, act }) => (
          <div key={act} className="flex min-h-8 items-center justify-between gap-4 text-grid">
            <dd className="text-muted">{act}</dd>
            <dt className="order-last flex gap-1">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="min-w-6 rounded-control border border-line bg-sunken px-1.5 text-center font-mono text-meta leading-5"
                >
                  {key}
                </kbd>
              ))}
            </dt>
          </div>
        ))}
      </dl>
      <div className="border-t border-line p-4">
        <Segments
          label={words.singleKeys}
          value={singleKeys ? 'on' : 'off'}
          options={[
            { value: 'on', label: words.on },
            { value: 'off', label: words.off },
          ]}
          onChange={(value) => setSingleKeys(value === 'on')}
        />
      </div>
    </Sheet>
  );
};

const themes: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: words.themes.system },
  { value: 'light', label: words.themes.light },
  { value: 'dark', label: words.themes.dark },
];

/** Who is signed in, the theme and the way out. */
export const AccountPanel = ({ email, onKeys }: { email: string; onKeys?: () => void }) => {
  const [theme, setTheme] = useStored(preferences.theme);
  return (
    <div className="flex flex-col gap-4 p-4">
      <p className="text-meta text-muted">
        {words.signedInAs}
        <span className="block text-body break-all text-text">{email}</span>
      </p>
      <Segments label={words.theme} value={theme} options={themes} onChange={setTheme} />
      <div className="flex flex-col gap-2">
        {onKeys ? (
          <Button wide onClick={onKeys}>
            {words.keys}
          </Button>
        ) : null}
        <Button wide onClick={() => session.end()}>
          {words.signOut}
        </Button>
      </div>
    </div>
  );
};

type AccountMenuProps = { email: string; folded: boolean; onKeys: () => void };

/** The account at the foot of the sidebar; the browser closes the popover on Esc and on a click elsewhere. */
export const AccountMenu = ({ email, folded, onKeys }: AccountMenuProps) => {
  const id = useId();
  const [popover, setPopover] = useState<HTMLDivElement | null>(null);
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-label={words.account}
        data-tooltip={words.account}
        className={`relative flex h-9 w-full min-w-0 items-center gap-2 rounded-control px-2 text-grid text-muted hover:bg-sunken hover:text-text coarse:h-11 ${
          folded ? 'tooltip justify-center' : ''
        }`}
      >
        <Icon name="account" />
        {folded ? null : <span className="truncate">{email}</span>}
      </button>
      <div
        ref={setPopover}
        id={id}
        popover="auto"
        className={`fixed inset-auto m-0 w-70 rounded-panel border border-line bg-surface text-text shadow-1 ${
          folded ? 'start-14 bottom-2' : 'start-2 bottom-14'
        }`}
      >
        <AccountPanel
          email={email}
          onKeys={() => {
            popover?.hidePopover();
            onKeys();
          }}
        />
      </div>
    </>
  );
};
