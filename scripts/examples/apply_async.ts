// Python's Pool.apply and Pool.apply_async: calls one by one, calls all at once, callbacks, and the methods of a result.
//
//   deno run -A scripts/examples/apply_async.ts [--calls 6] [--time 100]        (or bun, or node)
//
// In Python, leaving `with Pool()` terminates the pool, so programs call close() and join() first. Here, leaving a block with
// `await using` waits for all calls.

import { ProcessPoolExecutor, wait } from "@heddle/heddle";
import { root } from "./pool_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

async function runCalls({ calls, time }: { calls: number; time: number }): Promise<void> {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 2 });
  const numbers = Array.from({ length: calls }, (_, i) => (i + 1) ** 2);
  // The first calls also start the processes; the measured times exclude that.
  await Promise.all([pool.submit(root, 1, 0), pool.submit(root, 1, 0)]);

  // apply: make the next call when the previous one has returned.
  let begin = performance.now();
  const roots: number[] = [];
  for (const n of numbers) roots.push(await pool.submit(root, n, time));
  console.log(`apply:        ${roots.join(" ")} in ${inSeconds(performance.now() - begin)}`);

  // apply_async: make all calls at once, then await their results.
  begin = performance.now();
  const futures = numbers.map((n) => pool.submit(root, n, time));
  console.log(`apply_async:  ${(await Promise.all(futures)).join(" ")} in ${inSeconds(performance.now() - begin)}`);

  // callback= and error_callback= become the two functions of `then`. They run in the calling process.
  const told: string[] = [];
  const callback = (value: number): void => void told.push(`callback(${value})`);
  const errorCallback = (error: unknown): void => void told.push(`error_callback(${error})`);
  await pool.submit(root, 4, time).then(callback, errorCallback);
  await pool.submit(root, -4, time).then(callback, errorCallback);
  console.log(`callbacks:    ${told.join(", ")}`);

  // AsyncResult: ready(), successful(), get(timeout), wait(timeout).
  const result = pool.submit(root, 81, time);
  console.log(`ready():      ${result.done}`);
  const late = await result.result({ timeout: time / 10 }).catch((error: Error) => error);
  console.log(`get(timeout): ${late}`);
  await wait([result]);
  console.log(
    `after wait(): ready() ${result.done}, successful() ${
      result.exceptionNow() === undefined
    }, get() ${result.resultNow()}`,
  );
  if (roots.join() !== futures.map((future) => future.resultNow()).join()) {
    throw new ExampleError("Wrong results: apply and apply_async differ");
  }
}

if (import.meta.main) await runWithNumbers({ calls: 6, time: 100 }, runCalls);
