/**
 * One worker of a pool, as the pool sees it.
 *
 * @module
 */

import type { ExecutorStats } from "../futures/executor.ts";
import type { HostExit } from "../runtime/types.ts";
import type { Definition } from "../task/task.ts";
import type { ByteReader } from "../wire/bytes.ts";
import * as op from "../wire/message.ts";
import type { OutgoingMessage } from "../wire/message.ts";
import { type IncomingMessage, MalformedMessage, MessageWriter } from "../wire/message.ts";
import { LARGEST_CLAIM } from "../worker/runner.ts";
import type { StandIn } from "./stand_in.ts";
import type { Work } from "./work.ts";

/** A worker that runs: a thread, a process, or this loop. */
export interface WorkerHandle {
  readonly pid: number | undefined;
  /** The number of a thread among those of its process. */
  readonly ident: number | undefined;
  /** Sends a message; one to a worker that is gone is swallowed. */
  send(message: OutgoingMessage): void;
  /** Wakes it, for what may be about to come. */
  rouse(): void;
  /** Passes on its output. Left out if it prints by itself. */
  readonly print?: ((descriptor: number, bytes: Uint8Array) => void) | undefined;
  /** It has nothing left to do and was told to end. */
  leaves(): void;
  /** How many of the `calls` that it was sent it has not begun. Left out, as is `recall`, if that cannot be known. */
  unbegun?(calls: number): number;
  /** Takes those back, and returns how many there are; a `RECALL` is to follow. */
  recall?(calls: number): number;
  /** Ends the worker now; `exit` follows. A process may be told by a signal of another kind. */
  kill(signal?: "SIGKILL" | "SIGTERM" | "SIGINT"): void;
  /** An answer is about to come, so that it pays to stay awake for it. */
  expect(): void;
  /** Whether the worker has not even looked at what it was sent: its loop is blocked. */
  readonly blocked: boolean;
}

/** What a worker tells. */
export interface WorkerEvents {
  message(message: IncomingMessage): void;
  /** The worker has sent what no worker sends; it goes on until it is killed. */
  violated(error: unknown): void;
  /** The worker hears nothing any more, and is about to end or to be killed. */
  deaf(): void;
  /** The worker is gone; called once, after all its messages. */
  exit(exit: HostExit): void;
}

/**
 * Starts a worker. May throw if the host does not permit it. `tasks` are those the pool knows, the one with the number n
 * at place n - 1.
 */
export type StartWorker = (workerId: number, events: WorkerEvents, tasks: readonly Definition[]) => WorkerHandle;

/** What a worker is likely to answer sooner than this, in milliseconds, is waited for awake. */
const SOON = 0.05;

/** A worker that has not said that it is ready. */
export const STARTING = 0;
/** A worker that takes tasks. */
export const READY = 1;
/** A worker that finishes what it has, and takes nothing more. */
export const RETIRING = 2;
/** A worker that was told to end. */
export const ENDING = 3;

/** A worker and the work it has been sent. */
export class Slot {
  readonly id: number;
  handle!: WorkerHandle;
  /** Uses objects here for the worker. */
  standIn!: StandIn;
  state: number = STARTING;
  /** Work sent and not answered, in the order it was sent: the worker starts it in this order. */
  readonly sent: Map<number, Work> = new Map<number, Work>();
  /** The tasks the worker has begun at least once, so that their modules are loaded. */
  readonly loaded: Set<number> = new Set<number>();
  /** The tasks the worker was told of. */
  readonly defined: Set<number> = new Set<number>();
  readonly writer: MessageWriter = new MessageWriter();
  /** How many tasks it was given in all. */
  assigned = 0;
  /** How long the work it has is likely to take, in milliseconds. */
  load = 0;
  /** Whether it has ended any task. */
  proven = false;
  /** Whether it collects results before it sends them. */
  collects = false;
  /** Whether it has said that it ends by itself. */
  left = false;
  /** Whether it was ended because nobody needed it. */
  spare = false;
  /** Whether another is to start in its place. */
  missed = false;
  /** Whether it was started in the place of another. */
  replaces = false;
  /** Whether it was not ready in time. */
  timedOut = false;
  /** Whether the task of a single worker has failed: then it has left its work undone, as one that was ended by force. */
  failed = false;
  /** Whether it was ended by force. */
  killed = false;
  /** What it has sent that no worker sends. */
  violation: unknown;
  /** Whether it goes once all it still runs is work that nobody waits for. */
  killWhenAlone = false;
  /** How many pings it has not answered. */
  pings = 0;
  /** Whether it has said that it is ready: before that it has begun no task. */
  ready = false;
  /** Whether it was asked to give back what it has not begun, and has not answered: it is sent nothing more until then. */
  asked = false;
  /** Whether it has given back what it had not begun, and was sent nothing since: then it has begun all that it has. */
  emptied = false;
  /** How many calls it was sent that were not taken back. */
  calls = 0;
  /** When it was last sent a task behind those it runs. */
  aheadAt = 0;
  /** Tasks that were dropped before it was ready, by their numbers: it answers them all the same. */
  readonly dropped: Map<number, Work> = new Map();
  /** How many tasks it may have in progress. */
  concurrency: number;
  /** Stops the timer of its start, then of its idleness, then of its end. */
  stopTimer: (() => void) | undefined;

  constructor(id: number, concurrency: number) {
    this.id = id;
    this.concurrency = concurrency;
  }

  /** Whether it has not answered a ping: its event loop may be blocked. It is sent no tasks until then. */
  get blocked(): boolean {
    return this.pings > 0;
  }

  /** Whether it could start a task at once. */
  get free(): boolean {
    return this.state === READY && this.sent.size < this.concurrency && !this.asked && !this.blocked;
  }

  /** How much of its work it has begun: always what it was sent first. */
  get begun(): number {
    const { size } = this.sent;
    // Whatever a broken worker has written there, it has no more than this.
    if (this.handle.unbegun !== undefined) return Math.max(0, size - this.handle.unbegun(this.calls));
    return this.state === STARTING ? 0 : Math.min(size, this.concurrency);
  }

  /** Whether it has work behind what is in progress. */
  get hasMore(): boolean {
    return this.sent.size > (this.ready ? this.concurrency : 0);
  }

  /** Whether work that was sent is in progress, or about to be as a place is free for it, rather than behind what is. */
  isRunning(work: Work): boolean {
    let left = this.ready ? Math.max(this.begun, this.concurrency) : this.begun;
    for (const other of this.sent.values()) {
      if (left-- === 0) return false;
      if (other === work) return true;
    }
    return false;
  }

  /**
   * Splits its work into what is lost with it and what is not, as it has not started it: nothing before it was ready. A process
   * that was killed in the middle of short tasks takes along the results it had collected and not sent.
   */
  split(): { lost: Work[]; rest: Work[] } {
    const all = [...this.sent.values()];
    const started = this.ready ? this.begun + (this.collects && !this.left ? LARGEST_CLAIM : 0) : 0;
    const [lost, rest] = [all.slice(0, started), [] as Work[]];
    for (const work of all.slice(started)) (work.packet === undefined || this.mayReturn(work) ? rest : lost).push(work);
    return { lost, rest };
  }

  /**
   * Whether work that it was sent and has not begun can be sent to another worker. What was handed over to a thread is gone. Shared
   * memory is not, but other tasks of the thread may have used it for their results.
   */
  mayReturn({ options, packet }: Work): boolean {
    if (this.handle.recall === undefined) return true;
    const { blobs, attachments } = packet!;
    if (!attachments.every((item) => item instanceof SharedArrayBuffer || isIntact(item))) return false;
    return options.retry !== undefined || blobs.every((blob) => isIntact(blob) || this.#isAlone(blob));
  }

  #isAlone(blob: ArrayBufferLike): boolean {
    return blob instanceof SharedArrayBuffer && this.concurrency === 1;
  }

  /** Asks for a sign that its event loop turns, and sends it with what was written. */
  ping(): void {
    this.pings++;
    this.writer.record(op.PING);
    this.flush();
  }

  /** Passes on output of the worker. */
  print(reader: ByteReader): void {
    const { print } = this.handle;
    if (print === undefined) throw new MalformedMessage("Cannot read output of a worker that prints by itself");
    const descriptor = reader.u8();
    print(descriptor, reader.raw(reader.u32()));
  }

  /** Sends what was written. */
  flush(): void {
    if (this.writer.empty) return;
    // First, as the answer to a short task can be there before sending it has returned.
    if (this.load < SOON) this.handle.expect();
    const message = this.writer.take();
    if (message.lent.length > 0) this.standIn.give(message.lent);
    this.handle.send(message);
  }
}

function isIntact(item: object): boolean {
  return item instanceof ArrayBuffer && !item.detached;
}

/** Counts workers by what they do. */
export function countWorkers(slots: readonly Slot[]): ExecutorStats["workers"] {
  const counts = { idle: 0, busy: 0, starting: 0 };
  for (const slot of slots) {
    if (slot.killed) continue;
    if (slot.state === STARTING) counts.starting++;
    else if (slot.sent.size > 0) counts.busy++;
    else if (slot.state === READY) counts.idle++;
  }
  return counts;
}
