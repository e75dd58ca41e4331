export { createRecordCall } from './callExample';
export { CollectionNav } from './CollectionNav';
export { DataPage } from './DataPage';
export { findCollection, useCollections } from './useCollections';
