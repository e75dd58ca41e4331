// What opens over or beside the grid: one part of the script, fetched when the first of them is.
export { BulkEditSheet } from './BulkEditSheet';
export { ColumnsSheet } from './ColumnsSheet';
export { DeleteSheet } from './DeleteSheet';
export { NewRecordPanel } from './NewRecordPanel';
export { RecordPanel } from './RecordPanel';
