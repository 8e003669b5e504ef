/**
 * Workers that are threads.
 *
 * @module
 */

import { noteName } from "../../core/thread_names.ts";
import { markDead, newIdent, threadTable } from "../../core/thread_table.ts";
import { runtime } from "../../runtime/mod.ts";
import type { ResourceLimits, ThreadOutput } from "../../runtime/types.ts";
import { PrintQuota, quotaMemory } from "../../wire/print_quota.ts";
import { ringMemory } from "../../wire/ring.ts";
import { BusyPoll } from "../../time/busy_poll.ts";
import { ThreadLink } from "../../wire/thread_link.ts";
import { type Named, ownProcess } from "../../worker/identity.ts";
import { requireEntry } from "../../worker/serve.ts";
import { buffersOf, type ThreadStart } from "../../worker/side.ts";
import type { WorkerEvents, WorkerHandle } from "./pool_worker.ts";

/** The options of a pool's threads. */
export interface ThreadWorkerOptions {
  /** Takes what the thread prints, instead of the program's own output. */
  readonly taker?: ((descriptor: number, bytes: Uint8Array) => void) | undefined;
  readonly resourceLimits?: ResourceLimits | undefined;
}

/** Starts a thread. */
export function startThreadWorker(named: Named, events: WorkerEvents, options: ThreadWorkerOptions = {}): WorkerHandle {
  const ident = newIdent();
  noteName(ident, named.name);
  let leaving = false;
  const [down, up] = [ringMemory(), ringMemory()];
  const { taker, resourceLimits } = options;
  const output = taker === undefined ? runtime.threadOutput?.() : outputTo(taker);
  const printing = output && quotaMemory();
  const mark = Math.random();
  const start: ThreadStart = {
    mark,
    down: buffersOf(down),
    up: buffersOf(up),
    threads: threadTable().buffer as SharedArrayBuffer,
    printing,
    ident,
    named,
    process: ownProcess(),
  };
  const guard = (read: () => void) => {
    try {
      read();
    } catch (error) {
      events.violated(error);
    }
  };
  const port = runtime.startThread(requireEntry(), start, named.name, {
    message: (data) => {
      try {
        link.accept(data);
      } catch (error) {
        events.violated(error);
      }
    },
    unreadable: (error) => guard(() => link.skip(error)),
    exit: (exit) => {
      // The last messages of the thread count.
      guard(() => link.drainLast());
      output?.flush();
      markDead(ident, leaving);
      events.exit(exit);
    },
  }, resourceLimits);
  const link: ThreadLink = new ThreadLink(
    (data, transfer) => port.post(data, transfer),
    { out: down, in: up, mark },
    (message) => {
      busyPoll.arrived();
      events.message(message);
    },
    (fn) => runtime.defer(() => guard(fn)),
  );
  const look = () => link.look();
  const rest = () => link.rest();
  const busyPoll: BusyPoll = new BusyPoll({
    maxSpin: runtime.maxSpin.thread,
    poll: () => guard(look),
    over: () => guard(rest),
  });
  return {
    pid: undefined,
    ident,
    send: (message) => link.send(message),
    wake: () => link.wake(),
    look: () => guard(look),
    print: output && printing && printerTo(output, new PrintQuota(printing)),
    unbegun: (calls) => link.unbegun(calls),
    recall: (calls) => link.recall(calls),
    leaves: () => void (leaving = true),
    kill: () => {
      leaving = false;
      port.terminate();
    },
    expect: () => {
      link.stayAwake();
      busyPoll.expect();
    },
    get blocked() {
      return !link.drained;
    },
  };
}

function outputTo(taker: NonNullable<ThreadWorkerOptions["taker"]>): ThreadOutput {
  return {
    print: (descriptor, bytes, passedOn) => {
      taker(descriptor, bytes.slice());
      passedOn();
    },
    flush: () => {},
  };
}

function printerTo(output: ThreadOutput, quota: PrintQuota): WorkerHandle["print"] {
  return (descriptor, bytes) => output.print(descriptor, bytes, () => quota.giveBack(bytes.length));
}
