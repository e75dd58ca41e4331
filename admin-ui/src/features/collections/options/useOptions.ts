import { useEditing } from '../shape/useDraft';

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const read = (tree: Tree, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (isTree(value) ? value[key] : undefined), tree);

const write = (tree: Tree, [key, ...rest]: readonly string[], value: unknown): Tree => {
  if (key === undefined) return tree;
  const below = tree[key];
  return { ...tree, [key]: rest.length === 0 ? value : write(isTree(below) ? below : {}, rest, value) };
};

/** The options of the collection that is being shaped, by their path in the API: `otp.duration`. */
export const useOptions = () => {
  const { draft, stored, problems, update } = useEditing();
  return {
    problems,
    stored: (path: string) => read(stored.options, path),
    get: (path: string) => read(draft.options, path),
    flag: (path: string) => read(draft.options, path) === true,
    text: (path: string) => {
      const value = read(draft.options, path);
      return typeof value === 'string' ? value : '';
    },
    number: (path: string) => {
      const value = read(draft.options, path);
      return typeof value === 'number' ? value : null;
    },
    set: (path: string, value: unknown) =>
      update((before) => ({ ...before, options: write(before.options, path.split('.'), value) })),
  };
};
