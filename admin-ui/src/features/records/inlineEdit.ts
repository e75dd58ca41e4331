import type { Collection, Field } from '@/api';
import { isEditable } from './draft';

const typed: ReadonlySet<string> = new Set<Field['type']>(['text', 'number', 'email', 'url', 'date']);

/** How a field is edited in its cell: as text, from its values, by a press; or only in the record. */
export const inlineKind = (field: Field, collection: Collection): 'text' | 'choice' | 'toggle' | null => {
  if (!isEditable(field, collection)) return null;
  if (typed.has(field.type)) return 'text';
  if (field.type === 'select') return 'choice';
  return field.type === 'bool' ? 'toggle' : null;
};

/** Which way the focus goes after a cell was saved. */
export type After = 'stay' | 'right' | 'left' | 'down';
