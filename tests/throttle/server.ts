// A real server on this machine that counts for itself how many requests it has at once.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "../support/poll.ts";

/** What answers a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The server. */
export interface CountingServer {
  readonly url: string;
  readonly port: number;
  /** Requests whose answer is not over, and the most there were at once. */
  readonly active: number;
  readonly most: number;
  /** How many came in all. */
  readonly served: number;
  /** Responses by path, to be ended by the test. */
  readonly open: Map<string, ServerResponse>;
  close(): Promise<void>;
}

/**
 * Starts it on a free port.
 *
 * Who hangs up is gone once the server has heard of it: the count is compared when everything that had arrived by then is
 * handled, as in one turn of the loop the next request may be heard of first.
 */
export async function startServer(answer?: Answer): Promise<CountingServer> {
  let active = 0, most = 0, served = 0;
  const open = new Map<string, ServerResponse>();
  const server: Server = createServer((request, response) => {
    active++;
    served++;
    // Ended by the server: the client may be a step ahead of the event that says so.
    const { end } = response;
    let counted = true;
    const gone = () => {
      if (counted) active--;
      counted = false;
    };
    response.end = function (this: ServerResponse, ...args: unknown[]): ServerResponse {
      gone();
      return end.apply(this, args as never);
    } as never;
    response.once("close", gone);
    response.on("error", () => {});
    setImmediate(() => setImmediate(() => most = Math.max(most, active)));
    if (answer !== undefined) return answer(request, response);
    open.set(request.url!, response);
    response.write("begun ");
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    open,
    get active() {
      return active;
    },
    get most() {
      return most;
    },
    get served() {
      return served;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Waits until a server has a request for a path, and returns how to answer it. */
export async function asked(server: CountingServer, path: string): Promise<ServerResponse> {
  await until(`${path} is asked for`, () => server.open.has(path));
  return server.open.get(path)!;
}
