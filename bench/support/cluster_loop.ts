// Measures tasks on other machines without the network: our executor and semaphore, and direct use of the engine.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as bullmq from "bullmq";
import { Redis } from "ioredis";
import { ClusterExecutor, ClusterSemaphore } from "../../src/cluster/mod.ts";
import { duel, type DuelOptions } from "./duel.ts";
import { command, packageVersion } from "./host.ts";
import { count } from "./print.ts";
import { type Doer, rowsOf, type Sheet } from "./sheets.ts";
import { timed } from "./stats.ts";
import { add } from "./tasks.ts";

/** Where the server is. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** All contenders, each with a host of its own. */
export interface Contenders {
  /** One call after another. */
  readonly oneByOne: Record<string, (calls: number) => Promise<void>>;
  /** All calls at once. */
  readonly atOnce: Record<string, (calls: number) => Promise<void>>;
  readonly map: Record<string, (calls: number) => Promise<void>>;
  /** Takes a permit and gives it back, again and again. */
  readonly permits: Record<string, (times: number) => Promise<void>>;
  close(): Promise<void>;
}

const HOST = new URL("./cluster_host.ts", import.meta.url);
/**
 * The number of events that the engine keeps: with its default it loses those of 10,000 jobs at once, and the bench
 * hangs.
 */
const EVENTS = 1_000_000;
const VERSION = packageVersion("bullmq");

const DOERS: readonly Doer[] = [
  { id: "heddle", name: "heddle ClusterExecutor", group: "ours" },
  { id: "heddle inline", name: "heddle ClusterExecutor, no threads at the host", group: "ours" },
  { id: "heddle chunks", name: "heddle ClusterExecutor, chunkSize 100", group: "ours" },
  { id: "heddle semaphore", name: "heddle ClusterSemaphore", group: "ours" },
  { id: "bullmq", name: "bullmq, add and waitUntilFinished", version: VERSION, group: "peer" },
  { id: "bullmq bulk", name: "bullmq, addBulk and waitUntilFinished", version: VERSION, group: "peer" },
  { id: "bullmq permit", name: "bullmq, getNextJob and moveToWait", version: VERSION, group: "peer" },
  { id: "raw", name: "ioredis, a PING", version: packageVersion("ioredis"), group: "raw" },
];

/** Opens all contenders and checks their answers. */
export async function openContenders(connection: Place): Promise<Contenders> {
  const hosts = await Promise.all([
    startHost("heddle", connection, "ours"),
    startHost("inline", connection, "inline"),
    startHost("bullmq", connection, "theirs"),
  ]);
  const [cluster, inline] = ["ours", "inline"].map((queue) =>
    new ClusterExecutor({ engine: bullmq, connection, queue })
  ) as [ClusterExecutor, ClusterExecutor];
  const semaphore = new ClusterSemaphore("five", 5, { engine: bullmq, connection, queue: "ours" });
  const queue = new bullmq.Queue<[number, number], number>("theirs", {
    connection,
    streams: { events: { maxLen: EVENTS } },
  });
  const events = new bullmq.QueueEvents("theirs", { connection });
  const permits = new bullmq.Queue("permits", { connection });
  const taker = new bullmq.Worker("permits", null, { connection, autorun: false });
  const redis = new Redis({ ...connection, lazyConnect: true });
  // Each job listens for the end of its queue.
  for (const emitter of [queue, events]) emitter.setMaxListeners(0);
  await Promise.all([
    cluster.ready(),
    inline.ready(),
    queue.waitUntilReady(),
    events.waitUntilReady(),
    taker.waitUntilReady(),
  ]);
  await redis.connect();
  await permits.add("permit", 0);

  const submitTo = (executor: ClusterExecutor) => async (i: number) => check(await executor.submit(add, i, 1), i);
  const addJob = async (i: number) => check(await (await queue.add("add", [i, 1])).waitUntilFinished(events), i);
  const ping = async () => void await redis.ping();
  const takeByHand = async (i: number) => {
    const job = await taker.getNextJob(`token ${i}`, { block: false });
    await job!.moveToWait(`token ${i}`);
  };
  // Events are heard only some time after `waitUntilReady`, and the first are lost.
  await Promise.race([addJob(0), new Promise((resolve) => setTimeout(resolve, 2_000))]);
  const map = async (calls: number, chunkSize?: number) => {
    const items = Array.from({ length: calls }, (_, i): [number, number] => [i, 1]);
    const sums = await cluster.starmap(add, items, chunkSize === undefined ? {} : { chunkSize });
    sums.forEach(check);
  };
  const addBulk = async (calls: number) => {
    const jobs = await queue.addBulk(
      Array.from(
        { length: calls },
        (_, i): { name: string; data: [number, number] } => ({ name: "add", data: [i, 1] }),
      ),
    );
    const sums = await Promise.all(jobs.map((job) => job.waitUntilFinished(events)));
    sums.forEach(check);
  };
  return {
    oneByOne: {
      "heddle": inTurn(submitTo(cluster)),
      "heddle inline": inTurn(submitTo(inline)),
      "bullmq": inTurn(addJob),
      "raw": inTurn(ping),
    },
    atOnce: {
      "heddle": together(submitTo(cluster)),
      "heddle inline": together(submitTo(inline)),
      "bullmq": together(addJob),
      "raw": together(ping),
    },
    map: { "heddle": map, "heddle chunks": (calls) => map(calls, 100), "bullmq bulk": addBulk },
    permits: {
      "heddle semaphore": inTurn(async () => (await semaphore.acquire()).release()),
      "bullmq permit": inTurn(takeByHand),
      "raw": inTurn(ping),
    },
    close: async () => {
      await Promise.all([cluster.shutdown(), inline.shutdown()]);
      await semaphore.close();
      await Promise.all([queue.close(), events.close(), permits.close(), taker.close(), redis.quit()]);
      for (const host of hosts) host.kill("SIGKILL");
    },
  };
}

/** Times one kind of use; the time of one call. */
export async function measureCalls(
  id: string,
  title: string,
  hint: string,
  ways: Record<string, (calls: number) => Promise<void>>,
  calls: number,
  options: DuelOptions,
): Promise<Sheet> {
  // Until the compilers have done their work, here and at the hosts.
  const until = performance.now() + Object.keys(ways).length * 40 * options.budget;
  do {
    for (const way of Object.values(ways)) await way(calls);
  } while (performance.now() < until);
  const runs = Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, () => timed(() => way(calls))]));
  const times = await duel(runs, options);
  const each = Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time / calls]));
  return { id, title, hint, note: `${count(calls)} in each run.`, rows: rowsOf(DOERS, each) };
}

function inTurn(call: (i: number) => Promise<unknown>): (calls: number) => Promise<void> {
  return async (calls) => {
    for (let i = 0; i < calls; i++) await call(i);
  };
}

function together(call: (i: number) => Promise<unknown>): (calls: number) => Promise<void> {
  return async (calls) => void await Promise.all(Array.from({ length: calls }, (_, i) => call(i)));
}

function check(sum: number, i: number): void {
  if (sum !== i + 1) throw new Error(`Wrong answer: ${sum} for ${i} + 1`);
}

async function startHost(who: string, { port }: Place, queue: string): Promise<ChildProcess> {
  const [program, args] = command(HOST, [who, String(port), queue]);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout!, "data");
  return child;
}
