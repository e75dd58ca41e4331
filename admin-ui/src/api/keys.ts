/** The one place where names of cached answers are made. */
export const keys = {
  collections: () => ['collections'] as const,
  setupToken: (token: string) => ['setupToken', token] as const,
  authMethods: () => ['authMethods'] as const,
  settings: () => ['settings'] as const,
  mailStatus: () => ['mailStatus'] as const,
  ownAddress: () => ['ownAddress'] as const,
  fileToken: () => ['fileToken'] as const,
  records: {
    all: (collectionId: string) => ['records', collectionId] as const,
    count: (collectionId: string) => ['records', collectionId, 'count'] as const,
    pages: (collectionId: string, sort: string) => ['records', collectionId, 'page', sort] as const,
    page: (collectionId: string, sort: string, page: number) =>
      ['records', collectionId, 'page', sort, page] as const,
    one: (collectionId: string, id: string) => ['records', collectionId, 'one', id] as const,
  },
};
