/**
 * Workers that are processes.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import type { ProcessStart } from "../runtime/types.ts";
import { Lookout } from "../time/lookout.ts";
import { ProcessLink } from "../wire/process_link.ts";
import type { WorkerEvents, WorkerHandle } from "./slot.ts";

/** Starts a process. */
export function startProcessWorker(start: ProcessStart, events: WorkerEvents): WorkerHandle {
  let violation: Error | undefined;
  const lookout = new Lookout({ longest: runtime.longestLook });
  const port = runtime.startProcess(start, {
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
    send: (message) => link.send(message),
    kill: () => port.kill("SIGKILL"),
    expect: () => lookout.expect(),
    blocked: false,
  };
}
