export { createRecordCall } from './callExample';
export { CollectionNav } from './CollectionNav';
export { CollectionHeader } from './CollectionHeader';
export { DataPage } from './DataPage';
export { findCollection, useCollections } from './useCollections';
