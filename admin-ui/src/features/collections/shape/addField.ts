import type { FieldType } from '@/api';
import { nextKey, type Draft } from './draft';
import { newField } from './fieldOptions';

/** Adds a field; the dates that the server sets stay at the end, where people look for them. */
export const withAdded = (draft: Draft, name: string, type: FieldType, key = nextKey()): Draft => {
  const { fields } = draft;
  const last =
    type === 'autodate' ? fields.length - 1 : fields.findLastIndex(({ data }) => data.type !== 'autodate');
  const added = { key, data: newField(name, type), isNew: true, isRemoved: false };
  return { ...draft, fields: fields.toSpliced(last + 1, 0, added) };
};
