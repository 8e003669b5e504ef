// The contract of actors: handles as arguments of tasks, threads, processes and other actors.

import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import {
  InvalidStateError,
  Process,
  ProcessPoolExecutor,
  Thread,
  ThreadActor,
  ThreadPoolExecutor,
  WorkerLostError,
} from "../../mod.ts";
import { addMany, askUser, callAndExit, counter, failures, take, user } from "../fixtures/actors.ts";
import { relay } from "../fixtures/actor_relay.ts";
import { testActors } from "../support/actors.ts";
import { until, within } from "../support/poll.ts";

const AS_SEEN = [
  "RangeError: thrown",
  "DataCloneError: Cannot send args[0]: a function cannot travel",
  "aborted",
  "early",
  "stream aborted",
  "returned true",
  "undefined",
  "undefined",
  "TimeoutError: Cannot continue task 'counter.hear': its time limit is 50 ms",
];

for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  testActors(`is an argument of tasks of a ${Pool.name}, which calls through the owner`, async ({ make, gate }) => {
    const made = make(counter).start();
    const pool = new Pool({ maxWorkers: 2 });
    try {
      const sums = await Promise.all([1, 1].map((n) => pool.submit(addMany, made, n, 25)));
      assertEquals(sums.flat().sort((a, b) => a - b), Array.from({ length: 50 }, (_, n) => n + 1));
      assertEquals(await pool.submit(take, made, 40), Array.from({ length: 40 }, (_, n) => n));
      assertEquals((await made.call.order()).at(-1), -1);
      assertEquals(await user.run("Ada", () => pool.submit(askUser, made)), "Ada");
      assertEquals(await pool.submit(askUser, made), undefined);
      const { path, open } = gate();
      const seen = pool.submit(failures, made, path);
      setTimeout(open, 100);
      const kept = await seen;
      assertEquals(kept.map((line) => line.split("\n")[0]), AS_SEEN);
    } finally {
      await pool.shutdown();
    }
  });
}

testActors("is an argument of threads, processes and other actors", async ({ make }) => {
  const made = make(counter).start();
  for (const Kind of [Thread, Process]) {
    const worker = new Kind(addMany, [made, 1, 3]).start();
    await worker.result;
    await worker.join();
  }
  const other = make(relay, [made]).start();
  assertEquals(await other.call.add(1), 7);
  assertEquals(await other.call.relayed(made.with({ timeout: 5_000 }), 2), 9);
  await other.stop();
});

testActors("is passed on by a worker to its own workers", async ({ make }) => {
  const made = make(counter).start();
  const outer = new ThreadActor(relay, [made]).start();
  assertEquals(await outer.call.nested(5), [1, 2, 3, 4, 5]);
  await outer.stop();
});

testActors("frees its place when a worker that has called it is lost", async ({ make, gate }) => {
  const made = make(counter, [0], { concurrency: 2 }).start();
  const { path, open } = gate();
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  assertInstanceOf(await pool.submit(callAndExit, made, path).exception(), WorkerLostError);
  // The stream has ended, and the call was aborted.
  await until("the stream has ended", async () => {
    const order = await Promise.race([
      made.call.order(),
      new Promise<number[]>((resolve) => setTimeout(resolve, 50, [])),
    ]);
    return order.includes(-1);
  });
  open();
  await within("the end of the actor", made.stop());
  await pool.shutdown();
});

testActors("is refused by callSync, as the thread that blocks serves it", ({ make }) => {
  const made = make(counter).start();
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  assertThrows(() => pool.callSync(addMany, made, 1, 1), InvalidStateError, "with a Actor");
  void pool.shutdown();
});
