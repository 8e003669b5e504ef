/**
 * Workers that are processes.
 *
 * @module
 */

import { runtime } from "../../runtime/mod.ts";
import type { ProcessEvents, ProcessStart } from "../../runtime/types.ts";
import { BusyPoll } from "../../time/busy_poll.ts";
import { startTimer } from "../../time/system_clock.ts";
import { ProcessLink } from "../../wire/process_link.ts";
import { type Named, ownProcess, type ProcessHello } from "../../worker/identity.ts";
import { requireEntry } from "../../worker/serve.ts";
import { BehindOutput } from "./behind_output.ts";
import type { WorkerEvents, WorkerHandle } from "./pool_worker.ts";

/** Milliseconds that a process may live after it has closed its end of the channel, as an ending process does. */
const DEAF_LIMIT = 100;

/** Callbacks for the output of a process. */
export type OutputTakers = Pick<ProcessEvents, "stdout" | "stderr">;

/** Starts a process. */
export function startProcessWorker(
  named: Named,
  start: Omit<ProcessStart, "entry" | "hello">,
  events: WorkerEvents,
  takers: OutputTakers = {},
): WorkerHandle {
  let stopTimer: (() => void) | undefined;
  const busyPoll = new BusyPoll({ maxSpin: runtime.maxSpin.process });
  const behind = new BehindOutput(events.message);
  const key = Math.floor(Math.random() * 2 ** 32);
  const hello: ProcessHello = { ...named, parent: ownProcess(), key };
  const port = runtime.startProcess({ ...start, entry: requireEntry(), hello }, {
    ...takers,
    data: (chunk) => link.accept(chunk),
    deaf: () => {
      events.deaf();
      const closed = () => events.violated(new Error("The worker process has closed its end of the channel"));
      stopTimer = startTimer(DEAF_LIMIT, closed, { unref: true });
    },
    exit: (exit) => {
      stopTimer?.();
      // By now all output has been delivered.
      behind.passAll();
      events.exit(exit);
    },
  });
  const link: ProcessLink = new ProcessLink(
    // Writing continues after the call, and all chunks but the blobs are reused.
    (chunks) => port.write(chunks.map((chunk, place) => place < 3 ? chunk.slice() : chunk)),
    (message) => {
      busyPoll.arrived();
      behind.take(message);
    },
    (error) => events.violated(error),
    key,
  );
  return {
    pid: port.pid,
    ident: undefined,
    send: (message) => link.send(message),
    wake: () => {},
    leaves: () => {},
    kill: (signal = "SIGKILL") => port.kill(signal),
    expect: () => busyPoll.expect(),
    blocked: false,
  };
}
