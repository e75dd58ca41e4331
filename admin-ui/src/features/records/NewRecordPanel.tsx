import { useEffect, useRef } from 'react';
import { toApiError, type RecordData } from '@/api';
import { ErrorState } from '@/components';
import { messages } from '@/messages.en';
import { useShortcuts } from '@/preferences';
import type { CellContext } from './CellValue';
import { copyDrafts } from './draft';
import { PanelFrame, type PanelMoves } from './PanelFrame';
import { PanelSkeleton } from './PanelSkeleton';
import { RecordForm } from './RecordForm';
import { useRecord } from './useRecords';

const words = messages.recordEditor;

type NewRecordPanelProps = Pick<PanelMoves, 'place' | 'isFull' | 'onToggleFull' | 'onClose'> & {
  context: CellContext;
  /** The record to begin with a copy of. */
  from: string | undefined;
  onCreated: (record: RecordData) => void;
};

/** The form for a new record, empty or as a copy. */
export const NewRecordPanel = ({ context, from, onCreated, ...moves }: NewRecordPanelProps) => {
  const { collection } = context;
  const source = useRecord(collection, from);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [from]);
  useShortcuts({
    Escape: moves.onClose,
    ...(moves.onToggleFull ? { f: moves.onToggleFull } : {}),
  });

  const body = () => {
    const failure = source.error ? toApiError(source.error) : null;
    if (from !== undefined && source.isPending) return <PanelSkeleton />;
    if (failure && failure.kind !== 'missing') {
      return <ErrorState error={failure} onRetry={() => void source.refetch()} />;
    }
    const isCopy = from !== undefined && source.data !== undefined;
    const keepsFiles = collection.fields.some(({ type }) => type === 'file' || type === 'password');
    const note = failure ? words.copyMissing : isCopy && keepsFiles ? words.filesNotCopied : undefined;
    return (
      <RecordForm
        key={from ?? ''}
        record={null}
        {...(source.data ? { initial: copyDrafts(collection, source.data) } : {})}
        context={context}
        isWide={moves.isFull}
        onSaved={onCreated}
        note={note}
      />
    );
  };
  const title = words.newTitle(collection.name);
  return (
    <PanelFrame
      {...moves}
      onPrevious={undefined}
      onNext={undefined}
      label={title}
      title={title}
      isTitleCode={false}
      collection={collection.name}
      heading={heading}
      facts={null}
    >
      {body()}
    </PanelFrame>
  );
};
