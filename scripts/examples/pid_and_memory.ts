// Process ids and memory, as seen from the main thread, a thread and two processes.
//
//   deno run -A scripts/examples/pid_and_memory.ts        (or bun, or node)
//
// As in Python, a process has its own id and its own memory. A thread has the id of its process but, unlike in Python, its own
// variables: threads share only objects made for sharing, here a SharedValue.

import { Process, SharedValue, Thread } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { add, type View } from "./memory_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

async function runViews(): Promise<void> {
  const shared = new SharedValue("int32", 0);
  const main = add(1, shared);
  const thread = new Thread(add, [10, shared], { name: "thread" }).start();
  const processes = [100, 1_000].map((amount) => new Process(add, [amount], { name: `process + ${amount}` }).start());

  const views: [string, View, shared: string][] = [["main thread + 1", main, "1"]];
  views.push(["thread + 10", await thread.result, String(shared.value)]);
  for (const child of processes) views.push([child.name, await child.result, "not seen"]);
  await Promise.all([thread, ...processes].map((worker) => worker.join()));
  const again = add(0);
  views.push(["main thread + 0", again, String(shared.value)]);

  console.log(table([
    ["", "pid", "parent", "its variable", "shared value", "memory"],
    ...views.map(([name, { pid, parent, count, memory }, value]) => {
      return [name, String(pid), String(parent), String(count), value, `${Math.round(memory)} MB`];
    }),
  ]));
  const pids = new Set(views.map(([, { pid }]) => pid)).size;
  console.log(
    `\nThere were ${pids} processes. The variable of the main thread is still ${again.count}: no worker changed it.`,
  );
  if (again.count !== 1 || shared.value !== 11) {
    throw new ExampleError("Wrong results: a worker changed the variable, or lost a shared addition");
  }
}

if (import.meta.main) await runWithNumbers({}, runViews);
