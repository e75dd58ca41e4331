import { Link } from '@tanstack/react-router';
import { toApiError } from '@/api';
import { buttonClass, ErrorState, StateView } from '@/components';
import { findCollection, useCollections } from '@/features/collections';
import { messages } from '@/messages.en';
import { CollectionRecords, type RecordsRoute } from './CollectionRecords';
import { PageSkeleton } from './RecordSkeletons';

type RecordsPageProps = RecordsRoute & { nameOrId: string };

/** The records of the collection an address names. */
export const RecordsPage = ({ nameOrId, ...rest }: RecordsPageProps) => {
  const { data: collections, error, isPending, refetch } = useCollections();
  if (isPending) return <PageSkeleton />;
  if (!collections)
    return <ErrorState heading="h1" error={toApiError(error)} onRetry={() => void refetch()} />;
  const collection = findCollection(collections, nameOrId);
  if (!collection) {
    return (
      <StateView
        heading="h1"
        picture="missing"
        title={messages.collections.notFound.title}
        body={messages.collections.notFound.body(nameOrId)}
      >
        <Link to="/c" className={buttonClass()}>
          {messages.collections.notFound.act}
        </Link>
      </StateView>
    );
  }
  return (
    <CollectionRecords key={collection.id} collection={collection} collections={collections} {...rest} />
  );
};
