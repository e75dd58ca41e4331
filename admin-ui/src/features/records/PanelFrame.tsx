import type { ReactNode, Ref } from 'react';
import { IconButton } from '@/components';
import { messages } from '@/messages.en';

const words = messages.records;

/** Where the panel stands decides how it is left. */
export type PanelPlace = 'beside' | 'sheet' | 'page';

export type PanelMoves = {
  place: PanelPlace;
  isFull: boolean;
  onToggleFull: (() => void) | undefined;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
  onClose: () => void;
};

type PanelFrameProps = PanelMoves & {
  label: string;
  title: string;
  isTitleCode: boolean;
  collection: string;
  heading: Ref<HTMLHeadingElement>;
  /** The second line of the head. */
  facts: ReactNode;
  children: ReactNode;
};

/** The head of the record panel with its ways on and out, and what stands below. */
export const PanelFrame = (props: PanelFrameProps) => {
  const { label, title, isTitleCode, collection, heading, facts, children } = props;
  const { place, isFull, onToggleFull, onPrevious, onNext, onClose } = props;
  // On a page of its own the record is what the page is about.
  const Heading = place === 'page' || isFull ? 'h1' : 'h2';
  return (
    <section aria-label={label} className="flex h-full min-w-0 flex-col bg-surface">
      <header className="flex shrink-0 flex-col gap-2 border-b border-line py-2 ps-4 pe-2">
        <div className="flex items-center gap-1">
          {place === 'page' ? (
            <span className="-ms-3">
              <IconButton icon="chevronLeft" label={words.backTo(collection)} onClick={onClose} />
            </span>
          ) : null}
          <Heading
            ref={heading}
            tabIndex={-1}
            className={`min-w-0 flex-1 truncate text-title font-semibold ${isTitleCode ? 'font-mono' : ''}`}
          >
            {title}
          </Heading>
          {onPrevious === undefined && onNext === undefined ? null : (
            <>
              <IconButton
                icon="chevronUp"
                label={words.previous}
                shortcut="k"
                disabled={onPrevious === undefined}
                onClick={onPrevious}
              />
              <IconButton
                icon="chevronDown"
                label={words.next}
                shortcut="j"
                disabled={onNext === undefined}
                onClick={onNext}
              />
            </>
          )}
          {onToggleFull === undefined ? null : (
            <IconButton
              icon={isFull ? 'shrink' : 'expand'}
              label={isFull ? words.shrink : words.expand}
              shortcut="f"
              onClick={onToggleFull}
            />
          )}
          {place === 'page' ? null : (
            <IconButton icon="close" label={words.closePanel} shortcut="Escape" onClick={onClose} />
          )}
        </div>
        {facts}
      </header>
      {children}
    </section>
  );
};
