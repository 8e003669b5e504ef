// Starts a real server that counts its concurrent requests.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { until } from "../support/poll.ts";
import { openPeers } from "./kernel.ts";
import { listening } from "./node_server.ts";

/** The handler of a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The server and its counters. */
export interface CountingServer {
  readonly url: string;
  readonly port: number;
  /** Requests without a complete answer, and their maximum. */
  readonly active: number;
  readonly most: number;
  /** The number of all requests. */
  readonly served: number;
  /** Responses by path, which the test completes. */
  readonly open: Map<string, ServerResponse>;
  close(): Promise<void>;
}

/**
 * Starts the server on a free port.
 *
 * A request counts until its answer is complete here or its connection is closed by the client. The server may learn of
 * the next request first. Whenever the count reaches a new maximum, the system is therefore asked for the open
 * connections.
 */
export async function startServer(answer?: Answer): Promise<CountingServer> {
  const active = new Set<IncomingMessage>();
  let most = 0, served = 0;
  const open = new Map<string, ServerResponse>();
  const server: Server = createServer((request, response) => {
    active.add(request);
    served++;
    // The client may have seen the end of the answer before this event.
    const { end } = response;
    response.end = function (this: ServerResponse, ...args: unknown[]): ServerResponse {
      active.delete(request);
      return end.apply(this, args as never);
    } as never;
    response.once("close", () => active.delete(request));
    response.on("error", () => {});
    if (active.size > most) {
      const peers = openPeers(port);
      const there = [...active].filter(({ socket }) => peers === undefined || peers.has(socket.remotePort!));
      most = Math.max(most, there.length);
    }
    if (answer !== undefined) return void answer(request, response);
    open.set(request.url!, response);
    response.write("begun ");
  });
  server.keepAliveTimeout = 60_000;
  const { port, close } = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    open,
    get active() {
      return active.size;
    },
    get most() {
      return most;
    },
    get served() {
      return served;
    },
    close,
  };
}

/** Waits until a server has a request for a path, and returns its response. */
export async function asked(server: CountingServer, path: string): Promise<ServerResponse> {
  await until(`${path} is asked for`, () => server.open.has(path));
  return server.open.get(path)!;
}
