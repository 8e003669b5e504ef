// A host of a cluster: takes the tasks of images.ts from a queue and runs them in processes, until it is told to end.
//
//   deno run -A scripts/examples/cluster_host.ts [queue] [--workers 2] [--lease 10000]        (or bun, or node)
//
// The server is that of HEDDLE_REDIS_URL; without it the host starts one of its own. Ctrl-C drains the host: it takes no more
// tasks, finishes those that run, and ends.

import process from "node:process";
import { gracefulShutdown, ProcessPoolExecutor } from "@heddle/heddle";
import { ClusterHost } from "@heddle/heddle/cluster";
import * as bullmq from "bullmq";
import { startServer } from "../redis/server.ts";
import * as tasks from "./image_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

type Numbers = Record<"workers" | "lease", number>;

async function runHost({ workers, lease }: Numbers, [queue = "images"]: string[]): Promise<void> {
  const server = await startServer();
  if (typeof server === "string") throw new ExampleError(`Cannot start a host: ${server}`);
  const host = new ClusterHost({
    engine: bullmq,
    connection: { host: server.host, port: server.port },
    queue,
    lease,
    tasks,
    executor: new ProcessPoolExecutor({ maxWorkers: workers }),
  }).start();
  gracefulShutdown(host);
  await host.ready();
  console.log(`Process ${process.pid} runs tasks of the queue ${queue} at ${server.url}`);
}

if (import.meta.main) await runWithNumbers({ workers: 2, lease: 10_000 }, runHost);
