// Prints what a browser downloads before the first page, compressed as the server compresses it.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const assets = new URL('../dist/assets/', import.meta.url);
for (const name of readdirSync(assets).sort()) {
  const bytes = readFileSync(new URL(name, assets));
  const kilobytes = (size) => (size / 1000).toFixed(1).padStart(7);
  process.stdout.write(
    `${kilobytes(bytes.length)} kB ${kilobytes(gzipSync(bytes).length)} kB gzip  ${name}\n`,
  );
}
