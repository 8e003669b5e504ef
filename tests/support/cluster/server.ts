// A real server for the tests of one file; without one they are skipped, under the reason why there is none.

import { after } from "node:test";
import * as bullmq from "bullmq";
import { type RedisServer, startServer } from "../../../scripts/redis/server.ts";
import type { ClusterOptions } from "../../../src/cluster/mod.ts";

/** A server, and how to reach it. */
export interface TestServer {
  readonly server: RedisServer;
  /** Options of everything that works on a queue. */
  on(queue: string): ClusterOptions;
}

/** Starts a server that ends after the tests of this file. */
export async function testServer(options: { own?: boolean } = {}): Promise<TestServer | string> {
  const server = await startServer(options);
  if (typeof server === "string") return `NO SERVER: ${server}`;
  after(() => server.stop());
  const connection = { host: server.host, port: server.port };
  const run = crypto.randomUUID().slice(0, 8);
  return { server, on: (queue) => ({ engine: bullmq, connection, queue: `${queue}-${run}` }) };
}

/** The reason to skip a test, if there is one. */
export function whyNot(server: TestServer | string): string | false {
  return typeof server === "string" ? server : false;
}
