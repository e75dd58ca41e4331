// A network that fails on demand: passes bytes on to a server until it is cut.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * @typedef {object} Proxy
 * @property {string} url base URL that leads through it
 * @property {() => void} cut ends all connections and refuses new ones
 * @property {() => void} mend accepts connections again
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Proxy>} */
export async function startProxy(target) {
  const { hostname, port } = new URL(target);
  const sockets = new Set();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return socket.destroy();
    const beyond = connect(Number(port), hostname);
    for (const [end, other] of [[socket, beyond], [beyond, socket]]) {
      sockets.add(end);
      end.on("error", () => {});
      end.on("close", () => {
        sockets.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
    return undefined;
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut,
    mend: () => (isCut = false),
    async stop() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
