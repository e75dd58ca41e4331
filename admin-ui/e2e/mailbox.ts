import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export type Mail = { to: string; body: string };

/** A mail server that takes every message and keeps it for the test to read. */
export class Mailbox {
  private readonly mails: Mail[] = [];
  private readonly waiting: { to: string; take: (mail: Mail) => void }[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.talk(socket));

  static async open(): Promise<Mailbox> {
    const mailbox = new Mailbox();
    mailbox.server.listen(0, '127.0.0.1');
    await once(mailbox.server, 'listening');
    return mailbox;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  /** The next message to an address that no one has taken yet; waits until it comes. */
  next(to: string): Promise<Mail> {
    const index = this.mails.findIndex((mail) => mail.to === to);
    const [mail] = index === -1 ? [] : this.mails.splice(index, 1);
    if (mail) return Promise.resolve(mail);
    return new Promise((take) => this.waiting.push({ to, take }));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private deliver(mail: Mail) {
    const index = this.waiting.findIndex(({ to }) => to === mail.to);
    const [waiter] = index === -1 ? [] : this.waiting.splice(index, 1);
    if (waiter) waiter.take(mail);
    else this.mails.push(mail);
  }

  private talk(socket: Socket) {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setEncoding('utf8');
    const say = (line: string) => socket.write(`${line}\r\n`);
    let pending = '';
    let to = '';
    let body: string[] | null = null;
    say('220 mailbox');
    socket.on('data', (chunk) => {
      pending += chunk.toString();
      const lines = pending.split('\r\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        if (body !== null) {
          if (line === '.') {
            this.deliver({ to, body: decode(body.join('\r\n')) });
            body = null;
            say('250 taken');
          } else body.push(line.startsWith('.') ? line.slice(1) : line);
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'RCPT') to = /<([^>]*)>/.exec(line)?.[1] ?? '';
        if (verb === 'DATA') {
          body = [];
          say('354 go on');
        } else if (verb === 'QUIT') {
          say('221 bye');
          socket.end();
        } else say('250 fine');
      }
    });
  }
}

/** Takes the message apart no further than a test needs: soft line breaks and coded characters become text. */
const decode = (message: string): string =>
  message
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
