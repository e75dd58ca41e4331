// The shapes on the wire, as far as the dashboard reads them.

type FieldCommon = {
  id: string;
  name: string;
  system: boolean;
  hidden: boolean;
  presentable: boolean;
  required?: boolean;
  help?: string;
};

export type TextField = FieldCommon & { type: 'text'; primaryKey: boolean; min?: number; max?: number };
export type NumberField = FieldCommon & { type: 'number'; onlyInt: boolean };
export type AutodateField = FieldCommon & { type: 'autodate'; onCreate: boolean; onUpdate: boolean };
export type SelectField = FieldCommon & { type: 'select'; values: string[]; maxSelect: number };
export type FileField = FieldCommon & { type: 'file'; maxSelect: number; protected: boolean };
export type RelationField = FieldCommon & { type: 'relation'; collectionId: string; maxSelect: number };
export type PasswordField = FieldCommon & { type: 'password'; min: number };
export type PlainField = FieldCommon & {
  type: 'editor' | 'bool' | 'email' | 'url' | 'date' | 'json' | 'geoPoint';
};

export type Field =
  | TextField
  | NumberField
  | AutodateField
  | SelectField
  | FileField
  | RelationField
  | PasswordField
  | PlainField;

export type FieldType = Field['type'];

export type CollectionType = 'base' | 'auth' | 'view';

export type Collection = {
  id: string;
  name: string;
  type: CollectionType;
  system: boolean;
  fields: Field[];
  created: string;
  updated: string;
};

/** A record of any collection: its fields are known only at run time, so their values are read with care. */
export type RecordData = {
  id: string;
  collectionId: string;
  collectionName: string;
  expand?: Record<string, RecordData | RecordData[]>;
  [field: string]: unknown;
};

export type Page<T> = {
  items: T[];
  page: number;
  perPage: number;
  /** -1 when the request asked not to count. */
  totalItems: number;
  totalPages: number;
};

export type AuthAnswer = { token: string; record: { id: string; email: string } };

/** A sign-in either is done, or the account asks for another factor as well. */
export type SignIn = { kind: 'done'; answer: AuthAnswer } | { kind: 'secondFactor'; mfaId: string };

/** What a collection offers to sign in with; durations are in seconds. */
export type AuthMethods = {
  otp: { enabled: boolean; duration: number };
  mfa: { enabled: boolean; duration: number };
};

export type PageParams = {
  page: number;
  perPage: number;
  sort?: string;
  expand?: string;
  fields?: string;
  skipTotal?: boolean;
};
