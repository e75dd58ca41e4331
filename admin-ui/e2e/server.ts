import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startUiServer, type UiServer } from './uiServer';

const run = promisify(execFile);
const setupPath = /\/_\/#(\/pbinstall\/[\w.-]+)/;
const startsWithin = 20_000;

export const superuser = { email: 'ana@example.org', password: 'a-long-password' };

const binary = (): string => process.env.LARDER_BIN ?? 'larder';

// The server reads LARDER_* as its configuration and refuses names it does not know, such as those of these tests.
const serverEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LARDER_')));

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

/** Waits until the condition holds, looking again in short turns; fails with the reason when it never does. */
const until = async <T>(
  what: string,
  output: () => string,
  look: () => Promise<T | undefined>,
): Promise<T> => {
  const deadline = Date.now() + startsWithin;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(
    `${what} did not happen within ${startsWithin / 1000} s; the server said:\n${output().slice(0, 4000)}`,
  );
};

/** A running server on a folder of its own. */
export class Server {
  private output = '';
  private process: ChildProcess | undefined;
  private ui: UiServer | undefined;

  private constructor(
    readonly apiUrl: string,
    private readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(options: { withSuperuser: boolean }): Promise<Server> {
    // The data lies one level down: a server may write migrations beside its data folder.
    const folder = await mkdtemp(join(tmpdir(), 'admin-ui-e2e-'));
    const port = await freePort();
    const server = new Server(`http://127.0.0.1:${port}`, port, folder);
    try {
      if (options.withSuperuser) {
        await server.command('superuser', 'create', superuser.email, superuser.password);
      }
      await server.run();
      if (process.env.LARDER_UI === 'dist') server.ui = await startUiServer(server.apiUrl);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** The address of the dashboard: the server's own, or that of a build served beside another server. */
  get dashboardUrl(): string {
    return `${this.ui?.url ?? this.apiUrl}/_/`;
  }

  /** Runs a command of the binary on the server's folder and answers what it printed. */
  async command(...words: string[]): Promise<string> {
    const folder = ['--dir', join(this.folder, 'data')];
    const { stdout } = await run(binary(), [...words, ...folder], { env: serverEnvironment() });
    return stdout;
  }

  /** Starts the process; also after `kill`, on the same port and folder. */
  async run(): Promise<void> {
    this.output = '';
    const child = spawn(
      binary(),
      ['serve', '--http', `127.0.0.1:${this.port}`, '--dir', join(this.folder, 'data')],
      {
        env: serverEnvironment(),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.process = child;
    const collect = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    await until(
      'the start of the server',
      () => this.output,
      async () => {
        if (child.exitCode !== null) throw new Error(`the server stopped at its start:\n${this.output}`);
        const answer = await fetch(`${this.apiUrl}/api/health`).catch(() => undefined);
        return answer?.ok === true ? true : undefined;
      },
    );
  }

  /** Stops the process and keeps its folder. */
  async kill(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child?.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  /** The route of the set-up link that the server printed. */
  async setupRoute(): Promise<string> {
    return until(
      'a set-up link in the output',
      () => this.output,
      () => Promise.resolve(setupPath.exec(this.output)?.[1]),
    );
  }

  async stop(): Promise<void> {
    await this.ui?.close();
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
