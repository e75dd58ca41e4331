import type { FieldType } from '@/api';
import type { FieldData } from './draft';

// Which options each type of field has, and with what control they are set.

export type OptionKind =
  /** A whole number; 0 stands for "not set". */
  | 'count'
  /** A size in bytes; 0 stands for the default of the server. */
  | 'bytes'
  /** Any number, or none. */
  | 'number'
  | 'text'
  | 'pattern'
  | 'switch'
  /** Texts, in any order; none is null. */
  | 'tags'
  /** The values of a select. */
  | 'values'
  /** How many values: one, or several. */
  | 'many'
  /** The collection a relation leads to. */
  | 'target';

export type OptionSpec = { key: string; kind: OptionKind };

const option = (kind: OptionKind, ...keys: string[]): OptionSpec[] => keys.map((key) => ({ key, kind }));

export const optionsOf: Readonly<Record<FieldType, readonly OptionSpec[]>> = {
  text: [...option('count', 'min', 'max'), ...option('pattern', 'pattern', 'autogeneratePattern')],
  editor: [...option('bytes', 'maxSize'), ...option('switch', 'convertURLs')],
  number: [...option('number', 'min', 'max'), ...option('switch', 'onlyInt')],
  bool: [],
  email: option('tags', 'onlyDomains', 'exceptDomains'),
  url: option('tags', 'onlyDomains', 'exceptDomains'),
  date: option('text', 'min', 'max'),
  autodate: option('switch', 'onCreate', 'onUpdate'),
  select: [...option('values', 'values'), ...option('many', 'maxSelect')],
  file: [
    ...option('many', 'maxSelect'),
    ...option('bytes', 'maxSize'),
    ...option('tags', 'mimeTypes', 'thumbs'),
    ...option('switch', 'protected'),
  ],
  relation: [
    ...option('target', 'collectionId'),
    ...option('many', 'maxSelect'),
    ...option('count', 'minSelect'),
    ...option('switch', 'cascadeDelete'),
  ],
  json: option('bytes', 'maxSize'),
  geoPoint: [],
  password: [...option('count', 'min', 'max', 'cost'), ...option('pattern', 'pattern')],
};

/** In the order of the list people pick from: the frequent ones first. */
export const fieldTypes: readonly FieldType[] = [
  'text',
  'editor',
  'number',
  'bool',
  'email',
  'url',
  'date',
  'autodate',
  'select',
  'file',
  'relation',
  'json',
  'geoPoint',
  'password',
];

const initial: Partial<Record<FieldType, Record<string, unknown>>> = {
  number: { min: null, max: null, onlyInt: false },
  date: { min: '', max: '' },
  autodate: { onCreate: true, onUpdate: false },
  select: { values: [], maxSelect: 1 },
  file: { maxSelect: 1, maxSize: 0, mimeTypes: [], thumbs: [], protected: false },
  relation: { collectionId: '', cascadeDelete: false, minSelect: 0, maxSelect: 1 },
  text: { min: 0, max: 0, pattern: '', autogeneratePattern: '' },
  password: { min: 0, max: 0, pattern: '', cost: 0 },
};

export const newField = (name: string, type: FieldType): FieldData => ({
  id: '',
  name,
  type,
  system: false,
  hidden: false,
  presentable: false,
  ...(type === 'autodate' ? {} : { required: false }),
  ...initial[type],
});

/** Types that mean nothing before something is chosen for them. */
export const needsOptions = (type: FieldType): boolean => type === 'select' || type === 'relation';

export const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** Whether a field may hold several values. */
export const isMany = ({ maxSelect }: FieldData): boolean =>
  // A number that is being typed and is none yet is about several, too.
  numberOf(maxSelect) > 1 || Number.isNaN(maxSelect);
