import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Fails once and clearly, rather than in every test, when there is no server to test. */
export default function globalSetup(): void {
  const binary = process.env.LARDER_BIN ?? '';
  const candidates = binary.includes('/')
    ? [binary]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, binary));
  if (binary === '' || !candidates.some(isExecutable)) {
    throw new Error('Set LARDER_BIN to the server binary, for example LARDER_BIN=../target/debug/larder.');
  }
}
