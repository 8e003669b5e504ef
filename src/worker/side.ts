/**
 * The worker's side of its channel: the link and the runner.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import type { ParentProcess, ParentThread } from "../runtime/types.ts";
import { BusyPoll } from "../time/busy_poll.ts";
import * as op from "../wire/message.ts";
import { type Link, MessageWriter } from "../wire/message.ts";
import { PrintQuota } from "../wire/print_quota.ts";
import { processChannel, ProcessLink } from "../wire/process_link.ts";
import type { RingMemory } from "../wire/ring.ts";
import { threadChannel, ThreadLink } from "../wire/thread_link.ts";
import { FunctionLoader } from "./function_loader.ts";
import type { Named, ProcessIdentity } from "./identity.ts";
import { Runner } from "./runner.ts";

/**
 * The start data of a thread. It contains memory instead of views: when a thread starts, Deno copies a view element by
 * element, which takes longer than the rest of the start.
 */
export interface ThreadStart {
  readonly down: RingBuffers;
  readonly up: RingBuffers;
  /** A number that only the two ends of the channel know. */
  readonly mark: number;
  readonly threads: SharedArrayBuffer;
  /** The memory of its {@linkcode PrintQuota}; undefined if the thread prints by itself. */
  readonly printing: SharedArrayBuffer | undefined;
  readonly ident: number;
  readonly named: Named;
  readonly process: ProcessIdentity;
}

/** The memory of a ring. */
interface RingBuffers {
  readonly control: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

/** Replaces the views of a ring by their memory. */
export function buffersOf({ control, data }: RingMemory): RingBuffers {
  return { control: control.buffer as SharedArrayBuffer, data: data.buffer as SharedArrayBuffer };
}

function viewsOf({ control, data }: RingBuffers): RingMemory {
  return { control: new Int32Array(control), data: new Uint8Array(data) };
}

/** The worker's side of its pool. */
export interface Side {
  readonly runner: Runner;
  /** Its end of the channel. */
  readonly link: Link;
  /** Starts to receive messages from the pool. */
  listen(): void;
}

/** The ways in which a worker ends. */
export interface SideEnds {
  /** Ends the worker when its work is done, as the pool requested. */
  leave(link: Link, runner: Runner): void;
  /** Ends the worker now. */
  exit(code: number): void;
}

/** Opens the side of a thread. */
export function threadSide(
  parent: Omit<ParentThread, "take">,
  { up, down, mark, printing }: Pick<ThreadStart, "up" | "down" | "mark" | "printing">,
  ends: SideEnds,
): Side {
  const fail = (error: unknown) => failOf(runner, ends, error);
  const guard = (read: () => void) => {
    try {
      read();
    } catch (error) {
      fail(error);
    }
  };
  const link: ThreadLink = new ThreadLink(
    (data, transfer) => parent.post(data, transfer),
    { out: viewsOf(up), in: viewsOf(down), mark },
    (message) => runner.receive(message),
    (fn) => runtime.defer(() => guard(fn)),
    { idle: () => runtime.parallelism > 1 && runner.idle, maxSpin: runtime.maxSpin.thread },
  );
  if (printing !== undefined) parent.divertOutput?.(printer(link, new PrintQuota(printing)));
  const channel = { ...threadChannel(runtime.movesBuffers), wake: () => link.wake() };
  const runner: Runner = new Runner(link, channel, new FunctionLoader(), () => ends.leave(link, runner));
  runner.unreadable = fail;
  return {
    runner,
    link,
    listen: () => {
      parent.listen((data) => guard(() => link.accept(data)));
      guard(() => link.drain());
    },
  };
}

/** Opens the side of a process. */
export function processSide(
  parent: Pick<ParentProcess, "writeSync" | "listen" | "printed">,
  key: number,
  ends: SideEnds,
): Side {
  const fail = (error: unknown) => failOf(runner, ends, error);
  const busyPoll = new BusyPoll({ maxSpin: runtime.maxSpin.process });
  const channel: ProcessLink = new ProcessLink(
    (chunks) => {
      chunks.forEach((chunk) => parent.writeSync(chunk));
      if (runner.idle) busyPoll.expect();
    },
    (message) => {
      busyPoll.arrived();
      runner.receive(message);
    },
    fail,
    key,
  );
  const link = behindOutput(channel, parent);
  const runner: Runner = new Runner(link, processChannel, new FunctionLoader(), () => ends.leave(link, runner));
  runner.unreadable = fail;
  return {
    runner,
    link,
    listen: () => {
      const accept = (chunk: Uint8Array) => {
        try {
          channel.accept(chunk);
        } catch (error) {
          fail(error);
        }
      };
      parent.listen(accept, () => ends.exit(0));
    },
  };
}

/** Returns a link that reports the output of this process before it sends a message. */
function behindOutput(link: Link, { printed }: Pick<ParentProcess, "printed">): Link {
  const writer = new MessageWriter();
  return {
    send: (message) => {
      if (printed()) {
        writer.record(op.PRINTED);
        link.send(writer.take());
      }
      link.send(message);
    },
  };
}

/**
 * Ends a worker that cannot read a message of its pool: it would never run the calls in it, nor could it read the
 * following messages. The pool then gives them to another worker.
 */
function failOf(runner: Runner, { exit }: SideEnds, error: unknown): void {
  runner.report(op.FAULT, error);
  exit(1);
}

/**
 * Returns a function that sends the thread's output to the pool, in order with its results. Like results, the output
 * survives the thread.
 */
function printer(link: Link, quota: PrintQuota): (descriptor: 1 | 2, bytes: Uint8Array) => void {
  const writer = new MessageWriter();
  return (descriptor, bytes) => {
    quota.take(bytes.length);
    const record = writer.record(op.OUTPUT);
    record.u8(descriptor);
    record.u32(bytes.length);
    record.raw(bytes);
    link.send(writer.take());
  };
}
