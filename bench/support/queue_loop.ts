// Measures queues in one loop: one item after another, and many items in order of priority.
import {
  LifoQueue,
  PriorityQueue,
  Queue,
  SharedLifoQueue,
  SharedPriorityQueue,
  SharedQueue,
  SimpleQueue,
} from "../../mod.ts";
import { pythonQueueDoers, type PythonQueues } from "./cpython_queues.ts";
import { duel, type DuelOptions } from "./duel.ts";
import { count } from "./print.ts";
import { type Doer, rowsOf, type Sheet } from "./sheets.ts";
import { timed } from "./stats.ts";

/** The number of items in one sample: enough for the clock, few enough to take turns often. */
const PASSES = 5_000;
/** Rounds before timing starts. */
const WARM_LAPS = 4;
/** Memory for all items, in bytes. */
const BYTES = 2 ** 25;

interface Passer extends Doer {
  /** Puts and gets `times` items, one at a time; returns their sum. */
  pass(times: number): Promise<number> | number;
}

/** The lower bound: an array, and a promise for each waiter. */
class RawChannel {
  readonly #items: number[] = [];
  readonly #waiters: ((item: number) => void)[] = [];

  put(item: number): Promise<void> {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#items.push(item);
    else waiter(item);
    return Promise.resolve();
  }

  get(): Promise<number> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift()!);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}

const PASSERS: readonly Passer[] = [
  awaiting("heddle await", "heddle Queue", new Queue<number>()),
  awaiting("heddle LifoQueue", "heddle LifoQueue", new LifoQueue<number>()),
  awaiting("heddle PriorityQueue", "heddle PriorityQueue", new PriorityQueue<number>()),
  awaiting("heddle SimpleQueue", "heddle SimpleQueue", new SimpleQueue<number>()),
  trying("heddle try", "heddle Queue, tryPut and tryGet", new Queue<number>()),
  awaiting("heddle SharedQueue", "heddle SharedQueue", new SharedQueue<number>()),
  blocking("heddle SharedQueue sync", "heddle SharedQueue, Sync forms", new SharedQueue<number>()),
  blocking("heddle SharedLifoQueue sync", "heddle SharedLifoQueue, Sync forms", new SharedLifoQueue<number>()),
  { ...awaiting("raw", "an array and promises", new RawChannel()), group: "raw" },
];

/** Puts and gets one item at a time, without waiters. */
export async function inLoop(python: PythonQueues | undefined, options: DuelOptions): Promise<Sheet> {
  const contenders: Record<string, () => Promise<number>> = {};
  for (const { id, name, pass } of PASSERS) {
    for (let lap = 0; lap < WARM_LAPS; lap++) {
      if (await pass(PASSES) !== PASSES * (PASSES - 1) / 2) throw new Error(`Wrong answer of ${name}`);
    }
    contenders[id] = async () => await timed(async () => await pass(PASSES)) / PASSES;
  }
  const times = await duel(contenders, options);
  return {
    id: "loop",
    title: "Put and get, no waiters",
    hint: "In one loop; with an await for each put and get unless stated.",
    rows: rowsOf([...PASSERS, ...await pythonQueueDoers(python?.passing)], { ...times, ...python?.passing }),
  };
}

/** Puts all items in a new random order, then gets all of them. */
export async function inOrder(
  sizes: readonly number[],
  python: PythonQueues | undefined,
  options: DuelOptions,
): Promise<Sheet> {
  const kinds = {
    PriorityQueue: (items: readonly number[]) => {
      const queue = new PriorityQueue<number>();
      for (const item of items) queue.tryPut(item);
      return () => queue.tryGet()!;
    },
    SharedPriorityQueue: (items: readonly number[]) => {
      const queue = new SharedPriorityQueue<number>({ bytes: BYTES });
      for (const item of items) queue.putSync(item);
      return () => queue.getSync();
    },
  };
  const doers: Doer[] = [];
  const contenders: Record<string, () => Promise<number>> = {};
  for (const [name, fill] of Object.entries(kinds)) {
    for (const size of sizes) {
      const id = `${name} ${size}`;
      doers.push({ id, name: `heddle ${name}, ${count(size)}`, group: "ours" });
      contenders[id] = () => Promise.resolve(order(fill, size));
    }
  }
  const times = await duel(contenders, options);
  return {
    id: "priority",
    title: "Items in order of priority",
    hint: "Puts all items in random order, then gets all of them; the time per item.",
    rows: rowsOf([...doers, ...await pythonQueueDoers(python?.ordering)], { ...times, ...python?.ordering }),
  };
}

/** Returns milliseconds per item. */
function order(fill: (items: readonly number[]) => () => number, size: number): number {
  const items = Array.from({ length: size }, () => Math.floor(Math.random() * 2 ** 30));
  const start = performance.now();
  const get = fill(items);
  let last = -1;
  for (let i = 0; i < size; i++) {
    const item = get();
    if (item < last) throw new Error(`Wrong answer: ${item} after ${last}`);
    last = item;
  }
  return (performance.now() - start) / size;
}

/** Makes a separate loop from source for each queue: a loop that has run all classes would find their methods more slowly. */
function awaiting(
  id: string,
  name: string,
  queue: { put(item: number): Promise<void> | void; get(): Promise<number> },
): Passer {
  const pass = new Function(
    "queue",
    `return async (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++) {
        await queue.put(i);
        sum += await queue.get();
      }
      return sum;
    };`,
  )(queue) as Passer["pass"];
  return { id, name, group: "ours", pass };
}

function trying(id: string, name: string, queue: Queue<number>): Passer {
  const pass = (times: number): number => {
    let sum = 0;
    for (let i = 0; i < times; i++) {
      queue.tryPut(i);
      sum += queue.tryGet()!;
    }
    return sum;
  };
  return { id, name, group: "ours", pass };
}

function blocking(id: string, name: string, queue: SharedQueue<number>): Passer {
  const pass = (times: number): number => {
    let sum = 0;
    for (let i = 0; i < times; i++) {
      queue.putSync(i);
      sum += queue.getSync();
    }
    return sum;
  };
  return { id, name, group: "ours", pass };
}
