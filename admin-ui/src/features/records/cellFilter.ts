import type { RecordData } from '@/api';
import type { Column } from './columns';
import { quoted } from './filterText';
import { asList, asText } from './values';

/** The condition that a field has the value this record has, or that it does not. */
export const cellFilter = ({ field }: Column, record: RecordData, isExcluded: boolean): string => {
  const value = record[field.name];
  const sign = isExcluded ? '!=' : '=';
  if (field.type === 'number' || field.type === 'bool') {
    return `${field.name} ${sign} ${typeof value === 'number' || typeof value === 'boolean' ? String(value) : '0'}`;
  }
  if ((field.type === 'select' || field.type === 'relation') && field.maxSelect > 1) {
    const values = asList(value);
    if (values.length === 0) return `${field.name}:length ${sign} 0`;
    // Has each of them; or none of them.
    const parts = values.map((one) => `${field.name}:each ${isExcluded ? '!=' : '?='} ${quoted(one)}`);
    return parts.length === 1 ? parts.join('') : `(${parts.join(' && ')})`;
  }
  return `${field.name} ${sign} ${quoted(asText(value))}`;
};
