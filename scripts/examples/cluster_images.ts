// The pictures of images.ts, made grey by three hosts on three runtimes, one of which is killed half way.
//
//   deno run -A scripts/examples/cluster_images.ts [--pictures 24] [--size 512] [--lease 2000]        (or bun, or node)
//
// It starts a server (or uses that of HEDDLE_REDIS_URL) and the hosts (cluster_host.ts). The tasks of the host that was killed
// run again elsewhere once its lease is over, and every picture is the same as one that is made in this program.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterExecutor } from "@heddle/heddle/cluster";
import * as bullmq from "bullmq";
import { startServer } from "../redis/server.ts";
import { paint, shrink } from "./image_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { killProgram, nextLine, startOnEachRuntime } from "./support/programs.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

type Numbers = Record<"pictures" | "size" | "lease", number>;

async function runImages({ pictures, size, lease }: Numbers): Promise<void> {
  const server = await startServer();
  if (typeof server === "string") throw new ExampleError(`Cannot start a cluster: ${server}`);
  const folder = mkdtempSync(join(tmpdir(), "heddle-cluster-"));
  const queue = `images-${crypto.randomUUID()}`;
  const args = [queue, "--workers", "1", "--lease", String(lease)];
  const hosts = startOnEachRuntime("cluster_host.ts", args, { HEDDLE_REDIS_URL: server.url });
  const connection = { host: server.host, port: server.port };
  const cluster = new ClusterExecutor({ engine: bullmq, connection, queue, lease });
  try {
    await Promise.all(hosts.map(nextLine));
    console.log(`Hosts: ${hosts.map(({ label }) => label).join(", ")}`);
    const names = Array.from({ length: pictures }, (_, i) => join(folder, `${i + 1}.png`));
    const greyOf = (name: string) => name.replace(/\.png$/, "-grey.png");
    await cluster.starmap(paint, names.map((name, i): [string, number, number] => [name, size, i + 1]));
    const begin = performance.now();
    let killed: Promise<void> | undefined;
    await cluster.starmap(shrink, names.map((name): [string, string] => [name, greyOf(name)]), {
      onProgress: ({ completed }) => {
        if (killed !== undefined || completed < pictures / 2) return;
        console.log(`${completed} of ${pictures} pictures: the host on ${hosts[0]!.label} is killed`);
        killed = killProgram(hosts[0]!);
      },
    });
    await killed;
    console.log(`${pictures} pictures in ${inSeconds(performance.now() - begin)}.`);
    const own = join(folder, "own");
    const same = names.filter((name) => {
      shrink(name, own);
      return readFileSync(greyOf(name)).equals(readFileSync(own));
    });
    console.log(`${same.length} of them are the same as those made here.`);
    const half = readdirSync(folder).filter((file) => file.endsWith(".part"));
    if (same.length !== pictures) throw new ExampleError("Cannot trust the tasks: some pictures differ");
    if (half.length > 1) throw new ExampleError(`Cannot trust the tasks: ${half.length} files are half written`);
  } finally {
    await Promise.all(hosts.map(killProgram));
    await cluster.shutdown({ cancelFutures: true });
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await runWithNumbers({ pictures: 24, size: 512, lease: 2_000 }, runImages);
