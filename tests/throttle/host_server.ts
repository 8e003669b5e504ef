// Starts the servers of Deno and Bun, which turn a Request into a Response.

import type { RequestHandler } from "../../mod.ts";
import { RUNTIME } from "../support/runtime.ts";

/** The reason to skip tests of these servers, if there is one. */
export const NO_SUCH_SERVER: string | false = RUNTIME === "node" &&
  "Node has no server that turns a Request into a Response";

/** A running server. */
export interface HostServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

interface Hosts {
  Deno?: {
    serve(
      options: object,
      handler: RequestHandler<[{ completed: Promise<void> }], unknown>,
    ): { addr: { port: number }; shutdown(): Promise<void> };
  };
  Bun?: { serve(options: object): { port: number; stop(now: boolean): Promise<void> } };
}

/** Starts the server of the runtime on a free port. */
export function startHostServer(serve: RequestHandler<[unknown], Response | Promise<Response>>): HostServer {
  const { Deno, Bun } = globalThis as Hosts;
  if (Deno !== undefined) {
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, serve);
    return { ...at(server.addr.port), close: () => server.shutdown() };
  }
  const server = Bun!.serve({ port: 0, hostname: "127.0.0.1", fetch: serve });
  return { ...at(server.port), close: () => server.stop(true) };
}

function at(port: number): { port: number; url: string } {
  return { port, url: `http://127.0.0.1:${port}/` };
}
