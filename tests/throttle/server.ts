// A real server on this machine that counts for itself how many requests it has at once.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { until } from "../support/poll.ts";
import { openPeers } from "./kernel.ts";
import { listening } from "./node_server.ts";

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
 * A request counts until its answer is ended here or its connection is closed there. The server may hear of the next request
 * before it hears of that, so whenever there seem to be more than ever the system is asked who is still there.
 */
export async function startServer(answer?: Answer): Promise<CountingServer> {
  const active = new Set<IncomingMessage>();
  let most = 0, served = 0;
  const open = new Map<string, ServerResponse>();
  const server: Server = createServer((request, response) => {
    active.add(request);
    served++;
    // The client may be a step ahead of the event that says so.
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

/** Waits until a server has a request for a path, and returns how to answer it. */
export async function asked(server: CountingServer, path: string): Promise<ServerResponse> {
  await until(`${path} is asked for`, () => server.open.has(path));
  return server.open.get(path)!;
}
