// A program that runs the tasks of bench/cluster: under our host or under the engine's own worker.
import process from "node:process";
import * as bullmq from "bullmq";
import { InlineExecutor, ThreadPoolExecutor } from "../../mod.ts";
import { ClusterHost } from "../../src/cluster/mod.ts";
import { add } from "./tasks.ts";

const PLACES = 16;

if (import.meta.main) {
  const [who, port, queue] = process.argv.slice(2);
  const connection = { host: "127.0.0.1", port: Number(port) };
  if (who !== "bullmq") {
    const executor = who === "inline"
      ? new InlineExecutor({ maxWorkers: PLACES })
      : new ThreadPoolExecutor({ maxWorkers: 2, concurrency: PLACES / 2 });
    const host = new ClusterHost({
      engine: bullmq,
      connection,
      queue: queue!,
      tasks: [add],
      executor,
      concurrency: PLACES,
    });
    await host.start().ready();
  } else {
    const processor = ({ data }: bullmq.Job<[number, number]>) => Promise.resolve(data[0] + data[1]);
    await new bullmq.Worker(queue!, processor, { connection, concurrency: PLACES }).waitUntilReady();
  }
  console.log("ready");
}
