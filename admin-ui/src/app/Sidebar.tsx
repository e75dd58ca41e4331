import { Link } from '@tanstack/react-router';
import { useRef, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';
import { Icon, IconButton, Mark } from '@/components';
import { CollectionNav } from '@/features/collections';
import { messages } from '@/messages.en';
import { preferences, sidebarWidths, useStored } from '@/preferences';
import { AccountMenu } from './AccountMenu';

const words = messages.shell;
const step = 16;

const clamp = (width: number): number =>
  Math.max(sidebarWidths.min, Math.min(sidebarWidths.max, Math.round(width)));

/** The edge that sets the width: dragged, or moved with the arrow keys. */
const ResizeHandle = ({ width, onResize }: { width: number; onResize: (width: number) => void }) => {
  const start = useRef({ x: 0, width });

  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? step : event.key === 'ArrowLeft' ? -step : 0;
    if (by === 0) return;
    event.preventDefault();
    onResize(clamp(width + by));
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width };
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) {
      onResize(clamp(start.current.width + event.clientX - start.current.x));
    }
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={words.resize}
      aria-valuenow={width}
      aria-valuemin={sidebarWidths.min}
      aria-valuemax={sidebarWidths.max}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      className="absolute inset-y-0 -end-1 z-30 w-2 cursor-col-resize touch-none outline-none hover:bg-line focus-visible:bg-focus"
    />
  );
};

type SidebarProps = { email: string; filterRef: RefObject<HTMLInputElement | null>; onKeys: () => void };

/** The bar of the desktop: every collection in sight. */
export const Sidebar = ({ email, filterRef, onKeys }: SidebarProps) => {
  const [width, setWidth] = useStored(preferences.sidebarWidth);
  const [, setFolded] = useStored(preferences.sidebarFolded);
  const [systemOpen, setSystemOpen] = useStored(preferences.systemOpen);
  return (
    <nav
      aria-label={words.navigation}
      style={{ width }}
      className="relative flex h-full shrink-0 flex-col border-e border-line bg-canvas"
    >
      <div className="flex h-12 shrink-0 items-center justify-between ps-5 pe-2">
        <span className="flex items-center gap-2 font-semibold">
          <Mark />
          {messages.productMark}
        </span>
        <IconButton icon="fold" label={words.fold} shortcut="[" onClick={() => setFolded(true)} />
      </div>
      <div className="flex items-center gap-1 px-3 pt-2 pb-1">
        <Link
          to="/c"
          activeOptions={{ exact: true }}
          activeProps={{ 'aria-current': 'page' }}
          className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-control px-2 text-grid font-medium hover:bg-sunken aria-[current=page]:bg-accent-soft coarse:h-11"
        >
          <span className="text-muted">
            <Icon name="data" />
          </span>
          {words.data}
        </Link>
        <Link
          to="/new"
          aria-label={messages.fields.create.link}
          title={messages.fields.create.link}
          activeProps={{ 'aria-current': 'page' }}
          className="grid size-8 shrink-0 place-items-center rounded-control text-muted hover:bg-sunken hover:text-text aria-[current=page]:bg-accent-soft coarse:size-11"
        >
          <Icon name="plus" />
        </Link>
      </div>
      <CollectionNav systemOpen={systemOpen} onSystemOpen={setSystemOpen} filterRef={filterRef} />
      <div className="flex flex-col gap-1 border-t border-line p-2">
        <Link
          to="/settings"
          activeProps={{ 'aria-current': 'page' }}
          className="flex h-9 items-center gap-2 rounded-control px-2 text-grid text-muted hover:bg-sunken hover:text-text aria-[current=page]:bg-accent-soft aria-[current=page]:text-text coarse:h-11"
        >
          <Icon name="settings" />
          {words.settings}
        </Link>
        <AccountMenu email={email} folded={false} onKeys={onKeys} />
      </div>
      <ResizeHandle width={width} onResize={setWidth} />
    </nav>
  );
};

type RailProps = {
  email: string;
  onData: () => void;
  onUnfold: (() => void) | undefined;
  onKeys: () => void;
};

/** The narrow bar of tablets and of a folded sidebar: the collections open in a sheet. */
export const Rail = ({ email, onData, onUnfold, onKeys }: RailProps) => (
  <nav
    aria-label={words.navigation}
    className="flex h-full w-14 shrink-0 flex-col items-stretch gap-2 border-e border-line bg-canvas p-2"
  >
    <span className="flex h-8 items-center justify-center">
      <Mark />
    </span>
    {onUnfold ? <IconButton icon="unfold" label={words.unfold} shortcut="[" onClick={onUnfold} /> : null}
    <button
      type="button"
      aria-label={words.collections}
      aria-haspopup="dialog"
      data-tooltip={words.collections}
      onClick={onData}
      className="tooltip relative flex h-9 items-center justify-center rounded-control text-muted hover:bg-sunken hover:text-text coarse:h-11"
    >
      <Icon name="data" />
    </button>
    <div className="mt-auto flex flex-col gap-2">
      <Link
        to="/settings"
        aria-label={words.settings}
        data-tooltip={words.settings}
        activeProps={{ 'aria-current': 'page' }}
        className="tooltip relative flex h-9 items-center justify-center rounded-control text-muted hover:bg-sunken hover:text-text aria-[current=page]:bg-accent-soft aria-[current=page]:text-text coarse:h-11"
      >
        <Icon name="settings" />
      </Link>
      <AccountMenu email={email} folded onKeys={onKeys} />
    </div>
  </nav>
);

type BottomNavProps = { onMore: () => void };

/** The bar of phones, within reach of the thumb. */
export const BottomNav = ({ onMore }: BottomNavProps) => {
  const item =
    'flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-meta text-muted -outline-offset-2';
  return (
    <nav
      aria-label={words.navigation}
      className="flex shrink-0 border-t border-line bg-canvas pb-[env(safe-area-inset-bottom)]"
    >
      <Link
        to="/c"
        activeProps={{ 'aria-current': 'page' }}
        className={`${item} aria-[current=page]:text-accent`}
      >
        <Icon name="data" className="size-5" />
        {words.data}
      </Link>
      <button type="button" aria-haspopup="dialog" onClick={onMore} className={item}>
        <Icon name="more" className="size-5" />
        {words.more}
      </button>
    </nav>
  );
};
