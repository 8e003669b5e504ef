/**
 * Workers that are threads.
 *
 * @module
 */

import { markDead, newIdent, threadTable } from "../core/thread_table.ts";
import { runtime } from "../runtime/mod.ts";
import { ringMemory } from "../wire/ring.ts";
import { Lookout } from "../time/lookout.ts";
import { ThreadLink } from "../wire/thread_link.ts";
import { type Named, ownProcess } from "../worker/identity.ts";
import { buffersOf, requireEntry, type ThreadStart } from "../worker/serve.ts";
import type { WorkerEvents, WorkerHandle } from "./slot.ts";

/** Starts a thread. */
export function startThreadWorker(named: Named, events: WorkerEvents): WorkerHandle {
  const ident = newIdent();
  let leaving = false;
  const [down, up] = [ringMemory(), ringMemory()];
  const start: ThreadStart = {
    down: buffersOf(down),
    up: buffersOf(up),
    threads: threadTable().buffer as SharedArrayBuffer,
    ident,
    named,
    process: ownProcess(),
  };
  const port = runtime.startThread(requireEntry(), start, named.name, {
    message: (data) => link.accept(data),
    exit: (exit) => {
      // What it wrote in its last moment counts.
      link.drainLast();
      markDead(ident, leaving);
      events.exit(exit);
    },
  });
  const link: ThreadLink = new ThreadLink(
    (data, transfer) => port.post(data, transfer),
    { out: down, in: up },
    (message) => {
      lookout.arrived();
      events.message(message);
    },
    (fn) => runtime.defer(fn),
  );
  const lookout: Lookout = new Lookout({
    longest: runtime.longestLook.thread,
    look: () => link.look(),
    over: () => link.rest(),
  });
  return {
    pid: undefined,
    ident,
    send: (message) => link.send(message),
    rouse: () => link.rouse(),
    recall: () => link.recall(),
    leaves: () => void (leaving = true),
    kill: () => {
      leaving = false;
      port.terminate();
    },
    expect: () => {
      link.stayAwake();
      lookout.expect();
    },
    get blocked() {
      return !link.drained;
    },
  };
}
