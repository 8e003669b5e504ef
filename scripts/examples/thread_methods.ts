// The properties and methods of a thread before its start, while it runs and after its end, from outside and from inside.
//
//   deno run -A scripts/examples/thread_methods.ts        (or bun, or node)

import { activeCount, currentThread, Event, mainThread, Thread, threads } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { introduce } from "./thread_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

async function runThread(): Promise<void> {
  const here = new Event(), leave = new Event();
  const thread = new Thread(introduce, [here, leave], { name: "Ann", daemon: true });
  const rows = [["", "name", "ident", "alive", "daemon", "activeCount()", "threads()"]];
  const look = (when: string): void => {
    const names = threads().map(({ name }) => name).join(", ");
    const { name, ident, alive, daemon } = thread;
    rows.push([when, name, String(ident), String(alive), String(daemon), String(activeCount()), names]);
  };

  look("before start()");
  const early = await messageOf(() => thread.join());
  thread.start();
  await here.wait();
  look("while it runs");
  const twice = await messageOf(() => thread.start());
  const late = await messageOf(() => thread.join({ timeout: 10 }));
  leave.set();
  // Joining a daemon keeps the program alive; awaiting its result does not.
  await thread.join();
  const self = thread.result.resultNow();
  look("after join()");

  console.log(table(rows));
  console.log(`\njoin() before start():  ${early}`);
  console.log(`start() a second time:  ${twice}`);
  console.log(`join({ timeout: 10 }):  ${late}`);
  console.log(`join() of itself:       ${self.join}`);
  console.log(`\nInside the thread: name ${self.name}, ident ${self.ident}, main thread ${self.main}.`);
  console.log(`Inside the main thread: name ${currentThread().name}, ident ${mainThread().ident}.`);
  if (self.ident !== thread.ident || thread.alive) {
    throw new ExampleError("Wrong results: the thread has another ident, or is still alive");
  }
}

async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return "no error";
  } catch (error) {
    return String(error);
  }
}

if (import.meta.main) await runWithNumbers({}, runThread);
