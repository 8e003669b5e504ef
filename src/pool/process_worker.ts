/**
 * Workers that are processes.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import type { ProcessEvents, ProcessStart } from "../runtime/types.ts";
import { Lookout } from "../time/lookout.ts";
import { ProcessLink } from "../wire/process_link.ts";
import { type Named, ownProcess, type ProcessHello } from "../worker/identity.ts";
import { requireEntry } from "../worker/serve.ts";
import type { WorkerEvents, WorkerHandle } from "./slot.ts";

/** Takes what a process prints. */
export type OutputTakers = Pick<ProcessEvents, "stdout" | "stderr">;

/** Starts a process. */
export function startProcessWorker(
  named: Named,
  start: Omit<ProcessStart, "entry" | "hello">,
  events: WorkerEvents,
  takers: OutputTakers = {},
): WorkerHandle {
  let violation: Error | undefined;
  const lookout = new Lookout({ longest: runtime.longestLook.process });
  const hello: ProcessHello = { ...named, parent: ownProcess() };
  const port = runtime.startProcess({ ...start, entry: requireEntry(), hello }, {
    ...takers,
    data: (chunk) => link.accept(chunk),
    exit: (exit) => events.exit({ ...exit, error: violation ?? exit.error }),
  });
  const link: ProcessLink = new ProcessLink(
    // Writing goes on after the call, and all but the blobs is reused.
    (chunks) => port.write(chunks.map((chunk, place) => place < 3 ? chunk.slice() : chunk)),
    (message) => {
      lookout.arrived();
      events.message(message);
    },
    (error) => {
      violation = error;
      port.kill("SIGKILL");
    },
  );
  return {
    pid: port.pid,
    ident: undefined,
    send: (message) => link.send(message),
    rouse: () => {},
    leaves: () => {},
    kill: (signal = "SIGKILL") => port.kill(signal),
    expect: () => lookout.expect(),
    blocked: false,
  };
}
