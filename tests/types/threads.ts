// Tests the types of threads and processes, and of their arguments.

import { type Future, Process, type Task, task, Thread, threads } from "../../mod.ts";
import type { Equal, Expect } from "./expect.ts";

declare const needsTwo: Task<[n: number, text: string], Promise<string>>;
declare const needsNone: Task<[n?: number], number>;

/** The arguments are checked, and required if the task needs them. */
export function made(): Thread<unknown>[] {
  const thread = new Thread(needsTwo, [1, "a"], { name: "one" });
  const process = new Process(needsTwo, [1, "a"] as const, { stdout: "pipe" });
  type _ = [
    Expect<Equal<typeof thread.result, Future<string>>>,
    Expect<Equal<typeof process.result, Future<string>>>,
    Expect<Equal<typeof thread, Thread<string>>>,
    Expect<Equal<typeof process, Process<string>>>,
  ];
  new Process(needsNone);
  new Process(needsNone, [], { daemon: true });
  // @ts-expect-error: the arguments are missing.
  new Thread(needsTwo);
  // @ts-expect-error: the arguments are missing.
  new Process(needsTwo);
  // @ts-expect-error: there are too few.
  new Thread(needsTwo, [1]);
  // @ts-expect-error: there are none.
  new Thread(needsTwo, []);
  // @ts-expect-error: they are of other types.
  new Process(needsTwo, ["a", 1]);
  // @ts-expect-error: there are too many.
  new Thread(needsNone, [1, 2]);
  // @ts-expect-error: a function is no task.
  new Thread(() => {});
  // @ts-expect-error: there is no such option.
  new Thread(needsNone, [], { nice: 5 });
  return [...threads(), thread, new Thread(needsNone), new Thread(needsNone, [1]).start()];
}

// Subclasses need no second type.
export class Worker extends Thread<void> {
  readonly given: number;

  constructor(given: number) {
    super(task(import.meta, (n: number) => void n), [given], { name: "worker" });
    this.given = given;
  }
}
export class Silent extends Process<string> {
  constructor(what: Task<[], string>) {
    super(what);
  }
}
export const own: Future<void> = new Worker(1).start().result;

// Generic functions can pass arguments on.
export function startAll<A extends unknown[], R>(what: Task<A, R>, args: A[]): Thread<Awaited<R>>[] {
  return args.map((each) => new Thread(what as Task<A, Awaited<R>>, each).start());
}

/** Code that uses the common members can be written once for both. */
export function both(): Future<string>[] {
  return [Thread, Process].map((Worker) => new Worker(needsTwo, [1, "a"]).start().result);
}
