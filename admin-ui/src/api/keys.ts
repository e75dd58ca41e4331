/** The one place where names of cached answers are made. */
export const keys = {
  collections: () => ['collections'] as const,
  scaffolds: () => ['scaffolds'] as const,
  providers: () => ['providers'] as const,
  viewPreview: (query: string) => ['viewPreview', query] as const,
  ruleTest: (collectionId: string, test: unknown) => ['ruleTest', collectionId, test] as const,
  setupToken: (token: string) => ['setupToken', token] as const,
  authMethods: () => ['authMethods'] as const,
  settings: () => ['settings'] as const,
  mailStatus: () => ['mailStatus'] as const,
  ownAddress: () => ['ownAddress'] as const,
  fileToken: () => ['fileToken'] as const,
  records: {
    all: (collectionId: string) => ['records', collectionId] as const,
    /** All lists of the collection, whatever their order. */
    lists: (collectionId: string) => ['records', collectionId, 'page'] as const,
    count: (collectionId: string) => ['records', collectionId, 'count'] as const,
    /** The pages of one list; `list` is all that is asked for but the page. */
    pages: (collectionId: string, list: string) => ['records', collectionId, 'page', list] as const,
    page: (collectionId: string, list: string, page: number) =>
      ['records', collectionId, 'page', list, page] as const,
    pointing: (collectionId: string, field: string) => ['records', collectionId, 'pointing', field] as const,
    related: (collectionId: string, ids: string) => ['records', collectionId, 'related', ids] as const,
    search: (collectionId: string, words: string) => ['records', collectionId, 'search', words] as const,
    accounts: (collectionId: string) => ['records', collectionId, 'accounts'] as const,
    sample: (collectionId: string) => ['records', collectionId, 'sample'] as const,
    one: (collectionId: string, id: string) => ['records', collectionId, 'one', id] as const,
  },
};
