/**
 * A worker of a pool, as seen by the pool.
 *
 * @module
 */

import type { ExecutorStats } from "../../futures/executor.ts";
import type { HostExit } from "../../runtime/types.ts";
import type { Definition } from "../../task/task.ts";
import type { ByteReader } from "../../wire/bytes.ts";
import * as op from "../../wire/message.ts";
import type { OutgoingMessage } from "../../wire/message.ts";
import { type IncomingMessage, MalformedMessage, MessageWriter } from "../../wire/message.ts";
import { LARGEST_CLAIM } from "../../worker/runner.ts";
import type { RemoteObjectServer } from "./remote_object_server.ts";
import type { Job } from "../engine/job.ts";

/** A running worker: a thread, a process, or this loop. */
export interface WorkerHandle {
  readonly pid: number | undefined;
  /** The number of a thread among those of its process. */
  readonly ident: number | undefined;
  /** Sends a message. A message to a worker that is gone is dropped. */
  send(message: OutgoingMessage): void;
  /** Wakes the worker, as a message may follow. */
  wake(): void;
  /** Reads what the worker has sent, while this thread blocks. Absent where that needs the event loop. */
  look?(): void;
  /** Passes on output of the worker. Absent if the worker prints directly. */
  readonly print?: ((descriptor: number, bytes: Uint8Array) => void) | undefined;
  /** Notes that the worker has no tasks and was told to end. */
  leaves(): void;
  /**
   * Returns how many of the `calls` that were sent the worker has not started. Absent, like `recall`, if that cannot be
   * known.
   */
  unbegun?(calls: number): number;
  /** Takes those calls back, and returns their number; a `RECALL` message must follow. */
  recall?(calls: number): number;
  /** Ends the worker now; `exit` follows. A process may receive another signal instead. */
  kill(signal?: "SIGKILL" | "SIGTERM" | "SIGINT"): void;
  /** Notes that an answer will come soon, so that spinning pays off. */
  expect(): void;
  /** Whether the worker has not read the messages that were sent: its loop is blocked. */
  readonly blocked: boolean;
}

/** The events of a worker. */
export interface WorkerEvents {
  message(message: IncomingMessage): void;
  /** The worker has sent an invalid message. It runs until it is killed. */
  violated(error: unknown): void;
  /** The worker no longer receives messages, and is about to end or to be killed. */
  deaf(): void;
  /** The worker is gone; called once, after all its messages. */
  exit(exit: HostExit): void;
}

/**
 * Starts a worker. May throw if the host does not permit it. `tasks` are the definitions of the pool's tasks; the task
 * with number n is at index n - 1.
 */
export type StartWorker = (workerId: number, events: WorkerEvents, tasks: readonly Definition[]) => WorkerHandle;

/** Spin instead of sleeping if the answer is expected within this many milliseconds. */
const SOON = 0.05;

/** A worker that is not ready yet. */
export const STARTING = 0;
/** A worker that accepts tasks. */
export const READY = 1;
/** A worker that finishes its tasks, and accepts no more. */
export const RETIRING = 2;
/** A worker that was told to end. */
export const ENDING = 3;

/** The worker was asked to give back the jobs it has not started, and has not answered. */
const ASKED = 1;
/** The worker is to run a broadcast before anything else. */
export const HELD = 2;

/** A worker and the jobs it was sent. */
export class PoolWorker {
  readonly id: number;
  handle!: WorkerHandle;
  /** Serves local objects to the worker. */
  objectServer!: RemoteObjectServer;
  state: number = STARTING;
  /** Jobs sent and not answered, in the order they were sent: the worker starts them in this order. */
  readonly sent: Map<number, Job> = new Map<number, Job>();
  /** The tasks the worker has started at least once, so that their modules are loaded. */
  readonly loaded: Set<number> = new Set<number>();
  /** The tasks whose definition the worker has. */
  readonly defined: Set<number> = new Set<number>();
  readonly writer: MessageWriter = new MessageWriter();
  /** Number of tasks sent to it in all, less those taken back. */
  assigned = 0;
  /** Estimated run time of its jobs, in milliseconds. */
  load = 0;
  /** Whether it has completed a task. */
  proven = false;
  /** Whether it collects results before it sends them. */
  collects = false;
  /** Whether it has announced that it ends by itself. */
  left = false;
  /** Whether it was ended because it was not needed. */
  spare = false;
  /** Whether another worker is to take its place at once. */
  stale = false;
  /** When it was started, in milliseconds since 1970. */
  readonly since: number = Date.now();
  /** Whether its replacement has been counted. */
  needsReplacement = false;
  /** Whether it was started to replace another worker. */
  isReplacement = false;
  /** Whether it was not ready in time. */
  timedOut = false;
  /** Whether the task of a single worker has failed. Its work is then unfinished, as if it had been killed. */
  failed = false;
  /** Whether it was killed. */
  killed = false;
  /** The error of an invalid message that it sent. */
  violation: unknown;
  /** Whether to kill it once all its running jobs are expendable. */
  killWhenAlone = false;
  /** Number of pings it has not answered. */
  pings = 0;
  /** Whether it has announced that it is ready; before that it has started no task. */
  ready = false;
  /** Why nothing more is sent for a time, as flags; 0 if there is no reason. */
  shut = 0;
  /** Whether it has given back the tasks it had not started, and was sent nothing since: all its jobs are started. */
  emptied = false;
  /** Number of calls sent and not taken back. */
  calls = 0;
  /** The time when it was last sent a task behind running ones. */
  aheadAt = 0;
  /** Jobs that were dropped before it was ready, by number: it answers them all the same. */
  readonly dropped: Map<number, Job> = new Map();
  /** Number of tasks it may have in progress. */
  concurrency: number;
  /** Stops the timer of its start, then of its idle time, then of its end. */
  stopTimer: (() => void) | undefined;

  constructor(id: number, concurrency: number) {
    this.id = id;
    this.concurrency = concurrency;
  }

  /** Whether it has not answered a ping: its event loop may be blocked. No tasks are sent until it answers. */
  get blocked(): boolean {
    return this.pings > 0;
  }

  /** Whether it was asked to give back what it has not begun, and has not answered: it is sent nothing more until then. */
  get asked(): boolean {
    return (this.shut & ASKED) !== 0;
  }

  set asked(asked: boolean) {
    this.shut = asked ? this.shut | ASKED : this.shut & ~ASKED;
  }

  /** Whether it could start a task at once. */
  get free(): boolean {
    return this.state === READY && this.sent.size < this.concurrency && this.shut === 0 && !this.blocked;
  }

  /** Number of jobs it has started; these are always the ones that were sent first. */
  get begun(): number {
    const { size } = this.sent;
    // Bounded, as a broken worker may have written any number.
    if (this.handle.unbegun !== undefined) return Math.max(0, size - this.handle.unbegun(this.calls));
    return this.state === STARTING ? 0 : Math.min(size, this.concurrency);
  }

  /** Whether it has jobs behind its running ones. */
  get hasMore(): boolean {
    return this.sent.size > (this.ready ? this.concurrency : 0);
  }

  /**
   * Whether a job that was sent is running, or about to run because a place is free for it, rather than behind running
   * ones.
   */
  isRunning(job: Job): boolean {
    let left = this.ready ? Math.max(this.begun, this.concurrency) : this.begun;
    for (const other of this.sent.values()) {
      if (left-- === 0) return false;
      if (other === job) return true;
    }
    return false;
  }

  /**
   * Splits its jobs into those lost with it and those it has not started; before it was ready it has started none. A
   * process that was killed during short tasks loses the results that it had collected and not sent.
   */
  split(): { lost: Job[]; rest: Job[] } {
    const all = [...this.sent.values()];
    const started = this.ready ? this.begun + (this.collects && !this.left ? LARGEST_CLAIM : 0) : 0;
    const [lost, rest] = [all.slice(0, started), [] as Job[]];
    for (const job of all.slice(started)) {
      (job.packet === undefined || this.mayReturn(job) ? rest : lost).push(job);
    }
    return { lost, rest };
  }

  /**
   * Whether a job that was sent and not started can be sent to another worker. Objects transferred to a thread are
   * gone. Shared memory is not, but other tasks of the thread may have used it for their results.
   */
  mayReturn({ options, packet, pinned }: Job): boolean {
    // A broadcast goes to each worker once.
    if (pinned) return false;
    if (this.handle.recall === undefined) return true;
    const { blobs, attachments } = packet!;
    if (!attachments.every((item) => item instanceof SharedArrayBuffer || isIntact(item))) return false;
    return options.retry !== undefined || blobs.every((blob) => isIntact(blob) || this.#isAlone(blob));
  }

  #isAlone(blob: ArrayBufferLike): boolean {
    return blob instanceof SharedArrayBuffer && this.concurrency === 1;
  }

  /** Sends a ping with all written records; an answer shows that the worker's event loop turns. */
  ping(): void {
    this.pings++;
    this.writer.record(op.PING);
    this.flush();
  }

  /** Passes on output of the worker. */
  print(reader: ByteReader): void {
    const { print } = this.handle;
    if (print === undefined) throw new MalformedMessage("Cannot read output of a worker that prints directly");
    const descriptor = reader.u8();
    print(descriptor, reader.raw(reader.u32()));
  }

  /** Sends all written records. */
  flush(): void {
    if (this.writer.empty) return;
    // First, as the answer to a short task can arrive before sending has returned.
    if (this.load < SOON) this.handle.expect();
    const message = this.writer.take();
    if (message.lent.length > 0) this.objectServer.give(message.lent);
    this.handle.send(message);
  }
}

function isIntact(item: object): boolean {
  return item instanceof ArrayBuffer && !item.detached;
}

/** Counts workers by state. */
export function countWorkers(workers: readonly PoolWorker[]): ExecutorStats["workers"] {
  const counts = { idle: 0, busy: 0, starting: 0 };
  for (const worker of workers) {
    if (worker.killed) continue;
    if (worker.state === STARTING) counts.starting++;
    else if (worker.sent.size > 0) counts.busy++;
    else if (worker.state === READY) counts.idle++;
  }
  return counts;
}
