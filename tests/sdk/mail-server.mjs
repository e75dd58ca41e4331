// A real SMTP server on loopback: plain, with STARTTLS, and with TLS from the first byte. Its certificate is made for
// the occasion and made known to the server under test by SSL_CERT_FILE.

import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import selfsigned from "selfsigned";
import { SMTPServer } from "smtp-server";

/** Who may sign in. */
export const MAIL_ACCOUNT = { username: "mailer", password: "mail password 1" };

/** How long a mail may take to come before the test fails, in milliseconds. */
const PATIENCE_MS = 30_000;

/** A certificate for `localhost` with its key, and the authority that signed it. */
async function certificate() {
  const days = { notAfterDate: new Date(Date.now() + 86_400_000), keyType: "ec", algorithm: "sha256" };
  const authority = await selfsigned.generate([{ name: "commonName", value: "Test authority" }], {
    ...days,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ],
  });
  const own = await selfsigned.generate([{ name: "commonName", value: "localhost" }], {
    ...days,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }] },
    ],
  });
  return { key: own.private, cert: own.cert, authority: authority.cert };
}

/**
 * A mail as it came.
 *
 * @typedef {object} ReceivedMail
 * @property {string} from address of the envelope
 * @property {string} to address of the envelope
 * @property {string} subject
 * @property {string} html
 * @property {string} text
 * @property {string[]} links the `href`s of the HTML, in order
 * @property {boolean} secure whether the connection was encrypted
 * @property {string | undefined} method how the client signed in, if it did
 * @property {object} headers all headers, as mailparser has them
 */

/**
 * Starts the mail server. `env` is the environment for servers that are to trust it; `smtp(kind)` gives the settings to
 * reach it by ("plain", "starttls" or "tls"); `nextMail(to)` resolves with the next mail for an address, each mail once; `unread()` tells what is left.
 */
export async function startMailServer() {
  const folder = await mkdtemp(join(tmpdir(), "larder-mail-"));
  const { key, cert, authority } = await certificate();
  const authorityFile = join(folder, "authority.pem");
  await writeFile(authorityFile, authority);

  /** @type {Map<string, ReceivedMail[]>} */
  const arrived = new Map();
  /** @type {Map<string, ((mail: ReceivedMail) => void)[]>} */
  const awaited = new Map();

  function hand(mail) {
    const waiting = awaited.get(mail.to)?.shift();
    if (waiting) waiting(mail);
    else arrived.set(mail.to, [...(arrived.get(mail.to) ?? []), mail]);
  }

  const options = {
    key,
    cert,
    authMethods: ["PLAIN", "LOGIN"],
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth({ method, username, password }, _session, done) {
      const isRight = username === MAIL_ACCOUNT.username && password === MAIL_ACCOUNT.password;
      if (isRight) done(null, { user: method });
      else done(new Error("wrong user name or password"));
    },
    onData(stream, session, done) {
      simpleParser(stream).then((parsed) => {
        const html = parsed.html || "";
        hand({
          from: session.envelope.mailFrom.address,
          to: session.envelope.rcptTo[0].address,
          subject: parsed.subject ?? "",
          html,
          text: parsed.text ?? "",
          links: Array.from(html.matchAll(/href="([^"]*)"/g), ([, link]) => link.replaceAll("&amp;", "&")),
          secure: session.secure,
          method: session.user || undefined,
          headers: parsed.headers,
        });
        done();
      }, done);
    },
  };
  const servers = {
    plain: new SMTPServer({ ...options, disabledCommands: ["STARTTLS"] }),
    starttls: new SMTPServer(options),
    tls: new SMTPServer({ ...options, secure: true }),
  };
  for (const server of Object.values(servers)) {
    // A client that breaks off (because it does not trust the certificate) is part of the tests.
    server.on("error", () => {});
    server.listen(0, "127.0.0.1");
    await once(server.server, "listening");
  }

  return {
    env: { SSL_CERT_FILE: authorityFile },

    smtp(kind = "plain", authMethod = null) {
      return {
        enabled: true,
        host: kind === "plain" ? "127.0.0.1" : "localhost",
        port: servers[kind].server.address().port,
        tls: kind === "tls",
        authMethod: authMethod ?? "",
        username: authMethod === null ? "" : MAIL_ACCOUNT.username,
        password: authMethod === null ? "" : MAIL_ACCOUNT.password,
      };
    },

    /** The addresses of mails that nobody has waited for, sorted. */
    unread: () => [...arrived.values()].flat().map((mail) => mail.to).sort(),

    /** @returns {Promise<ReceivedMail>} */
    nextMail(to) {
      const mail = arrived.get(to)?.shift();
      if (mail) return Promise.resolve(mail);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no mail for ${to}`)), PATIENCE_MS);
        const take = (received) => {
          clearTimeout(timer);
          resolve(received);
        };
        awaited.set(to, [...(awaited.get(to) ?? []), take]);
      });
    },

    async stop() {
      await Promise.all(Object.values(servers).map((server) => new Promise((resolve) => server.close(resolve))));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
