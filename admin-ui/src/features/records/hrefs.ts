/** What of a list stands in the address, so that a record opened from it leads back to the same list. */
export type ListQuery = {
  sort?: string;
  /** Words. */
  q?: string;
  filter?: string;
};

/** Addresses as plain links, so that a grid of hundreds of cells needs no router component in each. */
export const recordHref = (collection: string, id: string, query: ListQuery = {}): string => {
  const filled = Object.entries(query).filter(([, value]) => value !== '');
  const text = new URLSearchParams(filled).toString();
  return `#/c/${encodeURIComponent(collection)}/r/${encodeURIComponent(id)}${text === '' ? '' : `?${text}`}`;
};
