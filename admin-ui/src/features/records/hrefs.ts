/** Addresses as plain links, so that a grid of hundreds of cells needs no router component in each. */
export const recordHref = (collection: string, id: string, sort = ''): string => {
  const query = sort === '' ? '' : `?${new URLSearchParams({ sort }).toString()}`;
  return `#/c/${encodeURIComponent(collection)}/r/${encodeURIComponent(id)}${query}`;
};
