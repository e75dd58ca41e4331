import type { ReactNode } from 'react';
import type { Collection } from '@/api';
import { Icon } from '@/components';
import { messages } from '@/messages.en';
import { CollectionTabs } from './CollectionTabs';
import type { Problems } from './shape/problems';

type CollectionHeaderProps = {
  collection: Collection;
  problems?: Problems;
  /** Acts on what the tab shows. */
  children?: ReactNode;
};

/** The top of every tab of a collection: its name, the tabs, and the acts of the tab; on phones in two lines. */
export const CollectionHeader = ({ collection, problems = {}, children }: CollectionHeaderProps) => (
  <header className="flex shrink-0 flex-wrap items-center border-b border-line bg-surface sm:flex-nowrap sm:gap-3">
    <div className="flex h-12 min-w-0 flex-1 items-center gap-2 ps-4 sm:flex-initial sm:ps-3 coarse:h-14">
      <span className="text-muted">
        <Icon name={collection.type} />
      </span>
      <h1 className="min-w-0 truncate text-title font-semibold">{collection.name}</h1>
      <span className="sr-only">{messages.collections.types[collection.type]}</span>
    </div>
    <div className="order-last w-full min-w-0 border-t border-line sm:order-none sm:w-auto sm:border-t-0">
      <CollectionTabs collection={collection} problems={problems} />
    </div>
    {children === undefined ? null : (
      <div className="flex shrink-0 items-center gap-2 pe-2 sm:ms-auto">{children}</div>
    )}
  </header>
);
