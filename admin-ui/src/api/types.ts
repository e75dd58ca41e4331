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

export type TextField = FieldCommon & {
  type: 'text';
  primaryKey: boolean;
  min?: number;
  max?: number;
  pattern?: string;
  autogeneratePattern?: string;
};
export type NumberField = FieldCommon & {
  type: 'number';
  onlyInt: boolean;
  min?: number | null;
  max?: number | null;
};
export type AutodateField = FieldCommon & { type: 'autodate'; onCreate: boolean; onUpdate: boolean };
export type SelectField = FieldCommon & { type: 'select'; values: string[]; maxSelect: number };
export type FileField = FieldCommon & {
  type: 'file';
  maxSelect: number;
  protected: boolean;
  /** In bytes; 0 stands for the server's own limit. */
  maxSize?: number;
  mimeTypes?: string[] | null;
};
export type RelationField = FieldCommon & {
  type: 'relation';
  collectionId: string;
  maxSelect: number;
  cascadeDelete?: boolean;
};
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

/** Null is for superusers only, an empty text for everyone. */
export type Rule = string | null;

export type ApiRules = {
  listRule: Rule;
  viewRule: Rule;
  createRule: Rule;
  updateRule: Rule;
  deleteRule: Rule;
};

export type Collection = ApiRules & {
  id: string;
  name: string;
  type: CollectionType;
  system: boolean;
  fields: Field[];
  indexes: string[];
  created: string;
  updated: string;
  /** Of views alone. */
  viewQuery?: string;
  /** The options of accounts and of the search, where the collection has them. */
  [option: string]: unknown;
};

/** What is sent to make or change a collection: keys that are left out stay as they are. */
export type CollectionPatch = Readonly<Record<string, unknown>>;

/** What a query would show as a view. */
export type ViewPreview = { fields: Field[]; sample: RecordData[] };

export type OAuth2ProviderName = { name: string; displayName: string };

export const ruleActions = ['list', 'view', 'create', 'update', 'delete', 'manage', 'auth'] as const;
export type RuleAction = (typeof ruleActions)[number];

export type RuleTest = {
  action: RuleAction;
  rule: Rule;
  caller: { collection: string; id: string } | null;
  record?: string;
};

/** A part of a rule, and what it came to. */
export type RulePart = {
  text: string;
  start: number;
  end: number;
  result: boolean | null | 'error';
  kind: 'and' | 'or' | 'comparison';
  children: RulePart[];
  decisive: boolean;
  operands: { text: string; value?: unknown; values?: unknown[]; hasMore?: boolean }[];
  note?: string;
  error?: string;
};

export type RuleVerdict = {
  allowed: boolean;
  reason: 'open' | 'locked' | 'superuser' | 'rule' | 'invalid_rule';
  error: string | null;
  explanation: RulePart | null;
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
  filter?: string;
  expand?: string;
  fields?: string;
  skipTotal?: boolean;
};

/** What is sent to store a record: values as JSON, and files by the key they are sent under. */
export type RecordWrite = {
  values: Record<string, unknown>;
  files: readonly { key: string; file: File }[];
};

export type Smtp = {
  enabled: boolean;
  host: string;
  port: number;
  username: string;
  /** Empty stands for PLAIN. */
  authMethod: '' | 'PLAIN' | 'LOGIN';
  /** TLS from the first byte; otherwise STARTTLS where the server offers it. */
  tls: boolean;
  localName: string;
};

export type RateLimitRule = {
  label: string;
  audience: '' | '@guest' | '@auth';
  /** In seconds. */
  duration: number;
  maxRequests: number;
};

/** The settings, as far as the dashboard shows them. Secrets are never among them. */
export type Settings = {
  superuserIPs: string[];
  smtp: Smtp;
  meta: { appName: string; appURL: string; senderName: string; senderAddress: string };
  rateLimits: { enabled: boolean; rules: RateLimitRule[]; excludedIPs: string[] };
};

/** What is sent to change settings: what is left out stays as it is. */
export type SettingsPatch = {
  superuserIPs?: string[];
  smtp?: Partial<Smtp & { password: string }>;
  meta?: Partial<Settings['meta']>;
  rateLimits?: Partial<Settings['rateLimits']>;
};

export const mailTemplates = [
  'verification',
  'password-reset',
  'email-change',
  'otp',
  'login-alert',
] as const;
export type MailTemplate = (typeof mailTemplates)[number];

/** How sending mails goes since the start of the server. */
export type MailStatus = {
  transport: 'smtp' | 'log' | 'none';
  queued: number;
  sent: number;
  failed: number;
  lastError: { time: string; message: string } | null;
};
