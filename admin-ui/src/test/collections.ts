import type { Collection, Field } from '@/api';

const common = { system: false, hidden: false, presentable: false };

export const textField = (name: string, more: Partial<Field> = {}): Field =>
  ({ ...common, id: `f_${name}`, name, type: 'text', primaryKey: name === 'id', ...more }) as Field;

export const field = (type: Field['type'], name: string, more: object = {}): Field =>
  ({ ...common, id: `f_${name}`, name, type, ...more }) as Field;

export const collection = (name: string, fields: Field[], more: Partial<Collection> = {}): Collection => ({
  id: `id_${name}`,
  name,
  type: 'base',
  system: false,
  created: '2026-01-01 00:00:00.000Z',
  updated: '2026-01-01 00:00:00.000Z',
  listRule: null,
  viewRule: null,
  createRule: null,
  updateRule: null,
  deleteRule: null,
  indexes: [],
  fields: [textField('id'), ...fields],
  ...more,
});
