import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname } from 'node:path';

// Serves this build at `/_/` before any server that speaks the protocol, with the headers Larder sends.

export type UiServer = { url: string; close: () => Promise<void> };

const dist = new URL('../dist/', import.meta.url);

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; script-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

const serveFile = async (path: string, response: ServerResponse) => {
  const name = path === '/_/' ? 'index.html' : path.slice('/_/'.length);
  try {
    const bytes = await readFile(new URL(name, dist));
    response.writeHead(200, {
      'Content-Type': types[extname(name)] ?? 'application/octet-stream',
      'Content-Security-Policy': policy,
    });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
};

const pass = (api: URL, incoming: IncomingMessage, response: ServerResponse) => {
  const outgoing = forward(
    {
      host: api.hostname,
      port: api.port,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  // A server that is gone looks to the browser as it would without this one between: no answer.
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
};

export const startUiServer = async (apiUrl: string): Promise<UiServer> => {
  const api = new URL(apiUrl);
  const server = createServer((incoming, response) => {
    const path = new URL(incoming.url ?? '/', apiUrl).pathname;
    if (path.startsWith('/_/')) void serveFile(path, response);
    else pass(api, incoming, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
