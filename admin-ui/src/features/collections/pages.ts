// What is loaded only when somebody shapes a collection.
export { CollectionFrame } from './CollectionFrame';
export { FieldsPage } from './fields/FieldsPage';
export { NewCollectionPage } from './fields/NewCollectionPage';
export { RulesPage } from './rules/RulesPage';
export { OptionsPage } from './options/OptionsPage';
export { ApiPage } from './calls/ApiPage';
export { SchemaPage } from './exchange/SchemaPage';
