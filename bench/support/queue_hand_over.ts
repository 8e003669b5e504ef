// Measures passing items from one thread to another.
import { Worker } from "node:worker_threads";
import { SharedQueue, type ThreadPoolExecutor } from "../../mod.ts";
import { duel, type DuelOptions } from "./duel.ts";
import { host, packageVersion } from "./host.ts";
import { count } from "./print.ts";
import { consume, produce, type Way } from "./queue_tasks.ts";
import { type Doer, rowsOf, type Sheet } from "./sheets.ts";
import { timed } from "./stats.ts";

/** The capacity of the channel of multithreading. */
const CHANNEL_CAPACITY = 1_000;
/** It gets one item in this many, because it is far slower. */
const CHANNEL_SHARE = 20;

export async function handingOver(pool: ThreadPoolExecutor, items: number, options: DuelOptions): Promise<Sheet> {
  const doers: Doer[] = [
    { id: "heddle sync", name: "heddle SharedQueue, putSync to getSync", group: "ours" },
    { id: "heddle async", name: "heddle SharedQueue, putSync to await get", group: "ours" },
    { id: "post", name: "postMessage, one by one", group: "raw" },
  ];
  const worker = new Worker(new URL("./workers/count_thread.mjs", import.meta.url));
  const contenders: Record<string, () => Promise<number>> = {
    "heddle sync": () => handOver(pool, items, "sync"),
    "heddle async": () => handOver(pool, items, "async"),
    post: () => post(worker, items),
  };
  const close = host().runtime === "deno" ? undefined : await addChannel(doers, contenders, items / CHANNEL_SHARE);
  const peers = ["multithreading"];
  for (const [name, contender] of Object.entries(contenders)) if (!peers.includes(name)) await contender();
  const times = await duel(contenders, { ...options, peers });
  await worker.terminate();
  close?.();
  return {
    id: "between",
    title: "From one thread to another",
    hint: `${count(items)} numbers, as fast as possible; the time per number.`,
    rows: rowsOf(doers, times),
  };
}

/** Returns milliseconds per item. */
async function handOver(pool: ThreadPoolExecutor, items: number, way: Way): Promise<number> {
  const queue = new SharedQueue<number>();
  const cells = new Int32Array(new SharedArrayBuffer(4));
  const took = pool.submit(consume, queue, cells, items, way);
  await pool.submit(produce, queue, cells, items);
  return await took / items;
}

async function post(worker: Worker, items: number): Promise<number> {
  const took = await timed(async () => {
    const done = new Promise((resolve) => worker.once("message", resolve));
    worker.postMessage({ count: items });
    for (let i = 0; i < items; i++) worker.postMessage(i);
    const answer = await done;
    if (answer !== "done") throw new Error(String(answer));
  });
  return took / items;
}

/** multithreading does not run on Deno. It sends its function as source, so the function must refer to nothing outside. */
async function addChannel(
  doers: Doer[],
  contenders: Record<string, () => Promise<number>>,
  items: number,
): Promise<() => void> {
  const { channel, initRuntime, move, shutdown, spawn } = await import("multithreading");
  initRuntime({ maxWorkers: 1 });
  doers.push({
    id: "multithreading",
    name: "multithreading channel, blockingSend to await recv",
    version: packageVersion("multithreading"),
    group: "peer",
  });
  contenders.multithreading = async () => {
    const [sender, receiver] = channel<number>(CHANNEL_CAPACITY);
    const sent = spawn(move(sender, items), (to, times) => {
      for (let i = 0; i < times; i++) to.blockingSend(i);
    });
    let start = 0;
    for (let i = 0; i < items; i++) {
      const result = await receiver.recv();
      // Timed from the first item: the thread had to start before that.
      if (i === 0) start = performance.now();
      if (!result.ok || result.value !== i) {
        throw new Error(`Wrong answer of multithreading: ${JSON.stringify(result)}`);
      }
    }
    const took = performance.now() - start;
    await sent.join();
    return took / items;
  };
  return shutdown;
}
