// How an app with the official client misses nothing: it remembers the number of the last event and sends it when it comes back.

/**
 * Makes a client resume. Every callback must hand its event to `note`.
 *
 * @returns {{note: (event: {seq?: number}) => void, seq: number | undefined}} `seq` is what it would resume after
 */
export function resumable(client) {
  const state = {
    seq: undefined,
    note: (event) => {
      if (event.seq !== undefined) state.seq = event.seq;
    },
  };
  let clientId;
  client.beforeSend = (url, options) => {
    // Only the first subscriptions of a connection resume; those after it go on.
    if (options.method === "POST" && new URL(url).pathname === "/api/realtime" && options.body.clientId !== clientId) {
      clientId = options.body.clientId;
      if (state.seq !== undefined) options.body.lastEventSeq = state.seq;
    }
    return { url, options };
  };
  return state;
}
