import { ApiError, errorFromBody } from './error';
import { apiBase, command, request, send, type CallOptions } from './http';
import { session } from './session';
import type {
  AuthAnswer,
  AuthMethods,
  Collection,
  CollectionPatch,
  CollectionType,
  MailStatus,
  MailTemplate,
  OAuth2ProviderName,
  Page,
  PageParams,
  RecordData,
  RecordWrite,
  RuleTest,
  RuleVerdict,
  Settings,
  SettingsPatch,
  SignIn,
  ViewPreview,
} from './types';
import { upload, type UploadOptions } from './upload';

const part = encodeURIComponent;
const superusers = 'collections/_superusers';
const collectionsPerPage = 200;

const mfaIdOf = (body: unknown): string | null =>
  typeof body === 'object' && body !== null && 'mfaId' in body && typeof body.mfaId === 'string'
    ? body.mfaId
    : null;

const store = (
  path: string,
  method: 'POST' | 'PATCH',
  { values, files }: RecordWrite,
  expand: string,
  options: UploadOptions,
): Promise<RecordData> => {
  if (files.length === 0) {
    const { signal } = options;
    return request<RecordData>(path, {
      method,
      body: values,
      query: { expand },
      ...(signal ? { signal } : {}),
    });
  }
  const form = new FormData();
  form.set('@jsonPayload', JSON.stringify(values));
  for (const { key, file } of files) form.append(key, file);
  return upload<RecordData>(path, { ...options, method, form, query: { expand } });
};

/** Every call the dashboard makes. */
export const api = {
  health: (options: CallOptions = {}) => request('health', { ...options, auth: null }),

  /** The address the server sees this browser at; empty when it does not say. */
  ownAddress: async (options: CallOptions = {}): Promise<string> => {
    const { data } = await request<{ data?: { realIP?: string } }>('health', options);
    return data?.realIP ?? '';
  },

  settings: {
    get: (options: CallOptions = {}) => request<Settings>('settings', options),

    change: (patch: SettingsPatch) => request<Settings>('settings', { method: 'PATCH', body: patch }),

    /** Sends one mail with the stored settings and waits for what the mail server says. */
    testMail: (email: string, template: MailTemplate, collection: string) =>
      command('settings/test/email', { body: { email, template, collection } }),

    /** How sending goes; null from servers that do not tell. */
    mailStatus: async (options: CallOptions = {}): Promise<MailStatus | null> => {
      try {
        return await request<MailStatus>('settings/mail/status', options);
      } catch (error) {
        if (error instanceof ApiError && error.kind === 'missing') return null;
        throw error;
      }
    },
  },

  superusers: {
    signIn: async (email: string, password: string): Promise<SignIn> => {
      const { response, body, facts } = await send(`${superusers}/auth-with-password`, {
        method: 'POST',
        body: { identity: email, password },
        auth: null,
      });
      if (response.ok) return { kind: 'done', answer: body as AuthAnswer };
      const mfaId = mfaIdOf(body);
      if (response.status === 401 && mfaId !== null) return { kind: 'secondFactor', mfaId };
      throw errorFromBody(response.status, body, facts);
    },

    authMethods: (options: CallOptions = {}) =>
      request<AuthMethods>(`${superusers}/auth-methods`, { ...options, auth: null }),

    /** Has a one-time code sent; the answer is the same for an address nobody has. */
    requestOtp: (email: string) =>
      request<{ otpId: string }>(`${superusers}/request-otp`, {
        method: 'POST',
        body: { email },
        auth: null,
      }),

    /** The second factor; `mfaId` is what the first was answered with. It stays out of the address. */
    signInWithOtp: (otpId: string, code: string, mfaId: string) =>
      request<AuthAnswer>(`${superusers}/auth-with-otp`, {
        method: 'POST',
        body: { otpId, password: code, mfaId },
        auth: null,
      }),

    /** Has a mail sent with a link to set a new password; the answer is the same for an address nobody has. */
    requestPasswordReset: (email: string) =>
      command(`${superusers}/request-password-reset`, { body: { email }, auth: null }),

    /** Renews the session; a refusal with 401 ends it. */
    refresh: async (): Promise<void> => {
      session.start(await request<AuthAnswer>(`${superusers}/auth-refresh`, { method: 'POST' }));
    },

    /** Fails unless the one-time token of a set-up link still counts. */
    checkSetupToken: (token: string, options: CallOptions = {}) =>
      request<AuthAnswer>(`${superusers}/auth-refresh`, { ...options, method: 'POST', auth: { token } }),

    create: (token: string, email: string, password: string) =>
      request<RecordData>(`${superusers}/records`, {
        method: 'POST',
        body: { email, password, passwordConfirm: password },
        auth: { token },
      }),
  },

  collections: {
    all: async (options: CallOptions = {}): Promise<Collection[]> => {
      const all: Collection[] = [];
      for (let page = 1; ; page++) {
        const answer = await request<Page<Collection>>('collections', {
          ...options,
          query: { page, perPage: collectionsPerPage, sort: 'name' },
        });
        all.push(...answer.items);
        if (page >= answer.totalPages) return all;
      }
    },

    create: (collection: CollectionPatch) =>
      request<Collection>('collections', { method: 'POST', body: collection }),

    change: (id: string, patch: CollectionPatch) =>
      request<Collection>(`collections/${part(id)}`, { method: 'PATCH', body: patch }),

    delete: (id: string) => command(`collections/${part(id)}`, { method: 'DELETE' }),

    /** Makes and changes many at once, all or nothing. */
    import: (collections: readonly CollectionPatch[], deleteMissing: boolean) =>
      command('collections/import', { method: 'PUT', body: { collections, deleteMissing } }),

    /** What a new collection of each type starts with. */
    scaffolds: (options: CallOptions = {}) =>
      request<Record<CollectionType, Collection>>('collections/meta/scaffolds', options),

    providers: (options: CallOptions = {}) =>
      request<OAuth2ProviderName[]>('collections/meta/oauth2-providers', options),

    /** Runs the query of a view without keeping it. */
    tryView: (query: string, options: CallOptions = {}) =>
      request<ViewPreview>('collections/meta/dry-run-view', { ...options, method: 'POST', body: { query } }),

    /** What a rule says to a request that is only described. */
    testRule: (id: string, test: RuleTest, options: CallOptions = {}) =>
      request<RuleVerdict>(`collections/${part(id)}/rules/test`, { ...options, method: 'POST', body: test }),
  },

  records: {
    page: (collection: string, params: PageParams, options: CallOptions = {}) =>
      request<Page<RecordData>>(`collections/${part(collection)}/records`, { ...options, query: params }),

    one: (collection: string, id: string, expand: string, options: CallOptions = {}) =>
      request<RecordData>(`collections/${part(collection)}/records/${part(id)}`, {
        ...options,
        query: { expand },
      }),

    /** Stores a new record; with files, `onProgress` hears how much of them is sent. */
    create: (collection: string, write: RecordWrite, expand: string, options: UploadOptions = {}) =>
      store(`collections/${part(collection)}/records`, 'POST', write, expand, options),

    /** Changes what is named and leaves the rest as it is. */
    update: (
      collection: string,
      id: string,
      write: RecordWrite,
      expand: string,
      options: UploadOptions = {},
    ) => store(`collections/${part(collection)}/records/${part(id)}`, 'PATCH', write, expand, options),

    delete: (collection: string, id: string, options: CallOptions = {}) =>
      command(`collections/${part(collection)}/records/${part(id)}`, { ...options, method: 'DELETE' }),
  },

  files: {
    /** A token of a few minutes that may stand in the URL of a protected file. */
    token: (options: CallOptions = {}) =>
      request<{ token: string }>('files/token', { ...options, method: 'POST' }),

    url: (
      collectionId: string,
      recordId: string,
      name: string,
      query: { thumb?: string; token?: string } = {},
    ) => {
      const url = new URL(`files/${part(collectionId)}/${part(recordId)}/${part(name)}`, apiBase());
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
      return url.href;
    },
  },
};
