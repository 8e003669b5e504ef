/**
 * Runs the tasks of a worker.
 *
 * Longer than other files by a few lines: all that a pool can send has its way here.
 *
 * @module
 */

import { beforeBlock } from "../core/before_block.ts";
import { Deque } from "../core/deque.ts";
import { runtime } from "../runtime/mod.ts";
import { now } from "../time/system_clock.ts";
import { current } from "../task/current.ts";
import { becomeWorker, type CurrentWorker } from "../task/current_worker.ts";
import { ownProcess, ownThread } from "./identity.ts";
import type { Channel, Packet } from "../wire/out_of_band.ts";
import { ValueEncoder } from "../wire/encoder.ts";
import * as op from "../wire/message.ts";
import { type IncomingMessage, type Link, MessageWriter } from "../wire/message.ts";
import { detach } from "../wire/transfer.ts";
import { reportIfIdle } from "../futures/pending_failures.ts";
import { Call } from "./call.ts";
import { runChunk, TURN } from "./chunk.ts";
import { Contexts, isThenable } from "./contexts.ts";
import { type Dispose, disposeAll, noteHeld, takeHeld } from "./disposal.ts";
import type { FunctionLoader, TaskFunction } from "./function_loader.ts";
import { CallInbox } from "./call_inbox.ts";
import { RemoteObjectClient } from "./remote_object_client.ts";
import { prepare, readPreparation } from "./prepare.ts";
import { StreamRun } from "./stream_run.ts";
import { encodeResult, streamSink } from "./stream_sink.ts";
import { NO_SETUP, readCall, readSetup, writeRecalled, writeTimes } from "./setup.ts";

/** The number of results that a worker may collect before it sends them. The pool relies on it when a worker dies. */
export const LARGEST_CLAIM = 16;
/** The maximum time to collect results, in milliseconds. */
const COLLECT = 0.05;

/** The worker's side of a pool: receives calls, runs their functions, and sends back the outcomes. */
export class Runner {
  readonly #link: Link;
  readonly #encoder: ValueEncoder;
  readonly #scope: "thread" | "process";
  readonly #loader: FunctionLoader;
  readonly #writer = new MessageWriter();
  #waiting = new Deque<Call>();
  readonly #running = new Map<number, Call>();
  /** The calls in progress whose values are streamed. */
  readonly #streams = new Map<number, StreamRun>();
  readonly #contexts: Contexts;
  readonly #stop: () => void;
  readonly #inbox: CallInbox;
  readonly #objects: RemoteObjectClient;
  #setup = NO_SETUP;
  #disposers: Dispose[] = [];
  readonly #ownLoop: boolean;
  #resting = false;
  #pumping = false;
  /** Whether the initializer is running: calls that arrive meanwhile wait for its end. */
  #preparing = false;
  /** Called with the error if a message that waited for a module cannot be read. */
  unreadable: (error: unknown) => void = (error) => this.report(op.FAULT, error);
  readonly #collects: boolean;
  #collected = 0;
  #collectedSince = 0;

  /** @param stop ends the worker. */
  constructor(link: Link, channel: Channel, loader: FunctionLoader, stop: () => void) {
    this.#link = link;
    this.#objects = new RemoteObjectClient({
      encode: (args) => this.#encoder.encode(args, "args"),
      send: (write) => (write(this.#writer), this.#flush()),
    });
    this.#encoder = new ValueEncoder({ ...channel, references: this.#objects });
    this.#ownLoop = channel.oneLoop === true;
    this.#contexts = new Contexts(!this.#ownLoop);
    this.#scope = channel.scope;
    this.#collects = channel.scope === "process";
    this.#loader = loader;
    this.#stop = stop;
    // A collected result must not wait for the end of a task that blocks.
    if (this.#collects) beforeBlock(() => this.#collected > 0 && this.#flush());
    this.#inbox = new CallInbox((module) => loader.module(module), (message) => {
      this.#record(message);
      if (!message.more) this.#pump();
    }, (error) => this.unreadable(error));
  }

  /** Receives a message from the pool. */
  receive(message: IncomingMessage): void {
    message.references = this.#objects;
    this.#inbox.receive(message);
  }

  /** Whether the worker has no calls and no initializer in progress. */
  get idle(): boolean {
    return this.#running.size === 0 && this.#waiting.size === 0 && !this.#preparing;
  }

  /** Reports an uncaught error: to the task that caused it while that runs, otherwise to the pool. */
  unhandled(error: unknown): void {
    const call = current();
    if (call instanceof Call && this.#running.has(call.number)) return this.#fail(call, error);
    this.report(op.FAULT, error);
  }

  /** Sends an error that belongs to no task. */
  report(operation: number, error: unknown): void {
    this.#writer.record(operation);
    this.#sendValue(this.#encoder.encodeError(error));
  }

  /** Sends the collected results, then a record that no more will follow: the worker is about to end. */
  leave(): void {
    this.#writer.record(op.LEAVING);
    this.#flush();
  }

  /** Disposes of what the initializer has returned, and of what modules hold, once. */
  dispose(): Promise<void> {
    const all = this.#ownLoop ? this.#disposers : [...this.#disposers, ...takeHeld()];
    this.#disposers = [];
    return disposeAll(all, this.#setup.grace, (error) => this.report(op.FAULT, error));
  }

  /** Sends the progress of a task. */
  progress(call: Call, value: unknown): void {
    const packet = this.#encoder.encode(value, "progress");
    if (!this.#running.has(call.number)) return;
    this.#writer.record(op.PROGRESS).u32(call.number);
    this.#sendValue(packet);
  }

  #record(message: IncomingMessage): void {
    const { reader } = message;
    const operation = message.operation();
    switch (operation) {
      case op.SETUP:
        return this.#setUp(message);
      case op.DEFINE:
        return this.#loader.define(reader);
      case op.CALL:
        return this.#accept(message);
      case op.RECALL:
        return this.#giveBack();
      case op.ABORT:
        return this.#abort(reader.u32(), message);
      case op.CREDIT:
        return this.#credit(reader.u32(), reader.u32());
      case op.CONCURRENCY:
        this.#setup = { ...this.#setup, concurrency: reader.u32() };
        return;
      case op.REPLY:
        return this.#objects.reply(message, () => this.#inbox.valueOf(message));
      case op.PING:
        this.#writer.record(op.PONG);
        return this.#link.send(this.#writer.take());
      case op.STOP:
        return this.#stop();
      default:
        throw new RangeError(`Cannot read an operation of kind ${operation}`);
    }
  }

  #setUp(message: IncomingMessage): void {
    const { initializer, loadLimit } = this.#setup = readSetup(message.reader);
    this.#loader.limit = loadLimit;
    if (!this.#ownLoop) becomeWorker(this.#worker());
    const steps = readPreparation(initializer, message, () => this.#inbox.valueOf(message));
    if (steps.length === 0) return this.#ready();
    this.#preparing = true;
    prepare(steps, this.#loader).then((disposers) => {
      this.#disposers = disposers;
      if (disposers.length > 0) noteHeld();
      this.#ready();
    }, (error) => this.report(op.SETUP_FAILED, error));
  }

  #worker(): CurrentWorker {
    const { name } = this.#scope === "thread" ? ownThread() : ownProcess();
    return { id: this.#setup.workerId, kind: this.#scope, name };
  }

  #ready(): void {
    this.#writer.record(op.READY);
    this.#link.send(this.#writer.take());
    // Calls start only after `READY` was sent: the pool assumes that a worker which dies before it has started nothing.
    this.#preparing = false;
    this.#pump();
  }

  #accept(message: IncomingMessage): void {
    const call = readCall(message.reader, this.#setup, this);
    const { value, error } = this.#inbox.valueOf(message);
    if (error !== undefined) call.refused = { error };
    else {
      call.args = value as unknown[];
      if (call.carries) call.carried = call.args.pop() as Record<string, unknown>;
    }
    this.#waiting.push(call);
  }

  #giveBack(): void {
    const calls = this.#waiting;
    this.#waiting = new Deque();
    if (this.#link.recalled !== undefined) return this.#link.recalled();
    writeRecalled(this.#writer.record(op.RECALLED), calls);
    this.#flush();
  }

  #abort(id: number, message: IncomingMessage): void {
    // If the reason does not decode, the error of its decoding is the reason.
    const { value, error = value } = this.#inbox.valueOf(message);
    const running = this.#running.get(id);
    if (running !== undefined) return running.abort(error);
    // A task that has not started will not start. It is answered in its turn, so that answers keep their order.
    for (const call of this.#waiting) if (call.number === id) call.refused = { error };
  }

  #pump(): void {
    if (this.#resting || this.#pumping || this.#preparing || this.#waiting.size === 0) return;
    this.#pumping = true;
    this.#contexts.within(() => this.#startAll());
    this.#pumping = false;
    if (this.#collected > 0) this.#flush();
  }

  /** Starts waiting calls up to the limits. Recalled calls are dropped when the record of the recall is read. */
  #startAll(): void {
    let turnEnds = 0;
    while (this.#running.size < this.#setup.concurrency && this.#waiting.size > 0) {
      if (this.#link.begin?.() === false) break;
      this.#start(this.#waiting.shift()!);
      if (this.#waiting.size === 0) break;
      const time = now();
      if (this.#collected > 0 && (this.#collected === LARGEST_CLAIM || time > this.#collectedSince + COLLECT)) {
        this.#flush();
      }
      if (turnEnds === 0) turnEnds = time + TURN;
      else if (time > turnEnds) {
        this.#rest();
        break;
      }
    }
  }

  /** Sends the collected results. */
  #flush(): void {
    this.#collected = 0;
    this.#link.send(this.#writer.take());
  }

  #rest(): void {
    this.#resting = true;
    runtime.defer(() => {
      this.#resting = false;
      this.#pump();
    });
  }

  #start(call: Call): void {
    this.#running.set(call.number, call);
    call.startedAt = now();
    if (call.refused !== undefined) return this.#fail(call, call.refused.error);
    const fn = this.#loader.loaded(call.reference);
    if (fn !== undefined) return this.#run(call, fn);
    // Runs in a separate turn: on Deno a thread that runs out of memory directly after an import ends without an error.
    this.#loader.load(call.reference).then((loaded) => runtime.defer(() => this.#runLoaded(call, loaded)), (error) => {
      this.#fail(call, error);
    });
  }

  #runLoaded(call: Call, fn: TaskFunction): void {
    // Aborted while its module was loaded: the task does not start.
    if (call.signal.aborted) return this.#fail(call, call.signal.reason);
    call.startedAt = now();
    this.#run(call, fn);
    this.#pump();
  }

  #run(call: Call, fn: TaskFunction): void {
    if (this.#contexts.begin(call.reference)) {
      this.#writer.record(op.STARTED).u32(call.number);
      this.#flush();
    }
    if (call.isChunk) return void this.#runChunk(call, fn);
    try {
      const result = this.#contexts.call(call, fn, call.takeArgs());
      if (call.window > 0) return this.#runStream(call, result);
      if (!isThenable(result)) return this.#done(call, result);
      call.syncTime = now() - call.startedAt;
      // A thenable that is no promise may pass on another thenable.
      const promise = result instanceof Promise ? result : Promise.resolve(result);
      promise.then((value) => this.#done(call, value), (error) => this.#fail(call, error));
    } catch (error) {
      this.#fail(call, error);
    }
  }

  #runStream(call: Call, result: unknown): void {
    const { number } = call;
    const sink = streamSink(number, this.#writer, this.#encoder, () => this.#flush());
    const run = new StreamRun(call, sink);
    this.#streams.set(number, run);
    void run.run(result).then(() => this.#done(call, undefined), (error) => this.#fail(call, error));
  }

  #credit(number: number, credits: number): void {
    const run = this.#streams.get(number);
    return credits > 0 ? run?.grant(credits) : run?.close();
  }

  async #runChunk(call: Call, fn: TaskFunction): Promise<void> {
    const run = (args: unknown[]) => this.#contexts.call(call, fn, args);
    const { results, failure } = await runChunk(call, run, (result) => this.#encodeResult(result), this.#encoder);
    if (!this.#leave(call)) return;
    const record = this.#writer.record(op.CHUNK_DONE);
    record.u32(call.number);
    writeTimes(record, call);
    record.u32(results.length);
    for (const packet of results) this.#writer.value(packet);
    record.u8(failure === undefined ? 0 : 1);
    if (failure !== undefined) this.#writer.value(failure);
    this.#flush();
    this.#pump();
  }

  #done(call: Call, result: unknown): void {
    let packet: Packet;
    try {
      packet = this.#encodeResult(result);
    } catch (error) {
      return this.#fail(call, error);
    }
    this.#end(call, op.DONE, packet);
  }

  #fail(call: Call, error: unknown): void {
    this.#end(call, op.FAILED, this.#encoder.encodeError(error));
  }

  #end(call: Call, operation: number, packet: Packet): void {
    // A task can end twice: by its result, and by the error of a callback that it left behind.
    if (!this.#leave(call)) return;
    const record = this.#writer.record(operation);
    record.u32(call.number);
    writeTimes(record, call);
    this.#writer.value(packet);
    // In a process each send is a system call; short tasks share one.
    if (this.#collects && this.#pumping) {
      if (this.#collected++ === 0) this.#collectedSince = now();
      return;
    }
    this.#flush();
    this.#pump();
  }

  /** Removes a call that has ended; returns false if it had ended before. */
  #leave(call: Call): boolean {
    if (!this.#running.delete(call.number)) return false;
    if (call.window > 0) this.#endStream(call.number);
    // Reported before the result is sent, because the program may end with the result.
    reportIfIdle();
    if (this.#setup.reportsMemory) this.#writer.record(op.MEMORY).f64(runtime.memory(this.#scope));
    return true;
  }

  /** One that ends by an error that it left behind still has a generator, which is closed. */
  #endStream(number: number): void {
    const run = this.#streams.get(number);
    this.#streams.delete(number);
    run?.abandon();
  }

  #encodeResult(result: unknown): Packet {
    const packet = encodeResult(this.#encoder, result);
    if (packet.moved.length > 0) detach(packet.moved, packet.attachments);
    return packet;
  }

  #sendValue(packet: Packet): void {
    this.#writer.value(packet);
    this.#flush();
  }
}
