// Starts a real server for the tests of one file. If no server can be started, the tests are skipped with the reason.

import process from "node:process";
import { after } from "node:test";
import * as bullmq from "bullmq";
import { findServer } from "../../../scripts/redis/find_server.ts";
import { type RedisServer, startServer } from "../../../scripts/redis/server.ts";
import type { ClusterOptions } from "../../../src/cluster/mod.ts";

/** A running server and its address. */
export interface TestServer {
  readonly server: RedisServer;
  /** Returns the options for everything that works on a queue. */
  on(queue: string): ClusterOptions;
}

/** Starts a server that is stopped after the tests of this file. */
export async function testServer(options: { own?: boolean } = {}): Promise<TestServer | string> {
  const server = await startServer(options);
  if (typeof server === "string") return `NO SERVER: ${server}`;
  after(() => server.stop());
  const connection = { host: server.host, port: server.port };
  const run = crypto.randomUUID().slice(0, 8);
  return { server, on: (queue) => ({ engine: bullmq, connection, queue: `${queue}-${run}` }) };
}

/** The reason to skip a test whose programs start a server of their own, if none can be found. */
export function noServer(): string | false {
  if (process.env.HEDDLE_REDIS_URL) return false;
  const program = findServer();
  return typeof program === "string" ? `NO SERVER: ${program}` : false;
}
