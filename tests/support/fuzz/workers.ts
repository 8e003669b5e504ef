// Runs fake workers in the program of the test: the code of both ends is real, and a test can disturb the channel.

import { runtime } from "../../../src/runtime/mod.ts";
import type { HostExit, ProcessEvents, ProcessStart, ThreadEvents } from "../../../src/runtime/types.ts";
import { contexts } from "../../../src/task/current.ts";
import type { OutgoingMessage } from "../../../src/wire/message.ts";
import { processSide, type Side, threadSide, type ThreadStart } from "../../../src/worker/side.ts";

/**
 * Disturbs the channel of a worker. Each function forwards its message unchanged, changed, repeatedly or not at all.
 */
export interface Disturber {
  /** Forwards a message that the worker has encoded. */
  message(worker: FakeWorker, message: OutgoingMessage, send: (message: OutgoingMessage) => void): void;
  /** Forwards a post of a thread, to its pool or from it. */
  post(worker: FakeWorker, up: boolean, data: unknown, post: (data: unknown) => void): void;
  /** Forwards bytes that a process writes or receives. */
  bytes(worker: FakeWorker, up: boolean, bytes: Uint8Array, write: (bytes: Uint8Array) => void): void;
}

/** A started worker. */
export class FakeWorker {
  /** The worker's id in its pool. */
  readonly id: number;
  /** The memory of a thread's rings. */
  readonly start: ThreadStart | undefined;
  readonly #exit: (exit: HostExit) => void;
  readonly #later: (fn: () => void) => void;
  #resolve!: () => void;
  alive = true;
  /** The number of messages that the worker has encoded. */
  sent = 0;

  constructor(id: number, start: ThreadStart | undefined, exit: (exit: HostExit) => void) {
    this.id = id;
    this.start = start;
    this.#exit = exit;
    this.#later = (fn) => runtime.microtask(() => contexts.run(undefined, fn));
  }

  /** Resolves when the pool has learned of the worker's end. */
  readonly gone: Promise<void> = new Promise((resolve) => this.#resolve = resolve);

  /** Ends the worker like its host would; the pool learns of that in a later turn. */
  end(code: number, signal?: string): Promise<void> {
    if (!this.alive) return this.gone;
    this.alive = false;
    const exit = { code: signal === undefined ? code : undefined, signal, stderr: "", error: undefined };
    runtime.defer(() => {
      contexts.run(undefined, () => this.#exit(exit));
      this.#resolve();
    });
    return this.gone;
  }

  /** Runs a function in the next turn, if the worker is still alive. */
  later(fn: () => void): void {
    this.#later(() => this.alive && fn());
  }

  /** Opens the worker's side, and routes its messages through `disturber`. */
  open(open: () => Side, disturber: Disturber): void {
    this.later(() => {
      const side = open();
      const { link } = side;
      const send = link.send.bind(link);
      link.send = (message) => {
        if (!this.alive) return;
        this.sent++;
        disturber.message(this, message, send);
      };
      side.listen();
    });
  }
}

/** Makes the pools of this program start fake workers, until the returned function is called. */
export function fakeWorkers(disturber: Disturber): () => void {
  const { startThread, startProcess } = runtime;
  runtime.startThread = (_entry, data, name, events) => openThread(data as ThreadStart, name, events);
  runtime.startProcess = (start, events) => openProcess(start, events);
  return () => void Object.assign(runtime, { startThread, startProcess });

  function openThread(start: ThreadStart, name: string, events: ThreadEvents): ReturnType<typeof startThread> {
    const worker = new FakeWorker(idIn(name), start, (exit) => events.exit(exit));
    let listener: ((data: unknown) => void) | undefined;
    const early: unknown[] = [];
    const down = (data: unknown) => worker.later(() => listener === undefined ? early.push(data) : listener(data));
    const up = (data: unknown) => runtime.microtask(() => contexts.run(undefined, () => events.message(data)));
    const parent = {
      post: (data: unknown, transfer: readonly unknown[]) => {
        if (worker.alive) disturber.post(worker, true, handOver(data, transfer), up);
      },
      listen: (fn: (data: unknown) => void) => {
        listener = fn;
        for (const each of early.splice(0)) fn(each);
      },
    };
    worker.open(() => threadSide(parent, start, endsOf(worker)), disturber);
    return {
      post: (data, transfer) => disturber.post(worker, false, handOver(data, transfer), down),
      terminate: () => void worker.end(1),
    };
  }

  function openProcess({ hello }: ProcessStart, events: ProcessEvents): ReturnType<typeof startProcess> {
    const { name, key } = hello as { name: string; key: number };
    const worker = new FakeWorker(idIn(name), undefined, (exit) => events.exit(exit));
    let listener: ((chunk: Uint8Array) => void) | undefined;
    const early: Uint8Array[] = [];
    const down = (bytes: Uint8Array) =>
      worker.later(() => listener === undefined ? early.push(bytes) : listener(bytes));
    const up = (bytes: Uint8Array) => runtime.microtask(() => contexts.run(undefined, () => events.data(bytes)));
    const parent = {
      writeSync: (bytes: Uint8Array) => {
        if (worker.alive) disturber.bytes(worker, true, bytes.slice(), up);
      },
      printed: () => false,
      listen: (fn: (chunk: Uint8Array) => void) => {
        listener = fn;
        for (const each of early.splice(0)) fn(each);
      },
    };
    worker.open(() => processSide(parent, key, endsOf(worker)), disturber);
    return {
      pid: 100_000 + worker.id,
      write: (chunks) => {
        for (const chunk of chunks) disturber.bytes(worker, false, chunk.slice(), down);
      },
      close: () => void worker.end(0),
      kill: (signal) => void worker.end(0, signal),
    };
  }
}

/** Detaches transferred objects, as a port does. */
function handOver(data: unknown, transfer: readonly unknown[]): unknown {
  if (transfer.length === 0) return data;
  const taken = transfer.map((item) => structuredClone(item, { transfer: [item as ArrayBuffer] }));
  const replaced = (list: unknown[]) => list.map((item) => taken[transfer.indexOf(item)] ?? item);
  const { blobs, attachments } = data as { blobs: unknown[]; attachments: unknown[] };
  return { ...data as object, blobs: replaced(blobs), attachments: replaced(attachments) };
}

function endsOf(worker: FakeWorker): { leave(): void; exit(code: number): void } {
  return { leave: () => void worker.end(0), exit: (code) => void worker.end(code) };
}

function idIn(name: string): number {
  return Number(/ (\d+)$/.exec(name)![1]);
}
