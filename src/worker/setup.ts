/**
 * Reads the configuration of a worker and its calls; writes records about calls.
 *
 * @module
 */

import type { Deque } from "../core/deque.ts";
import { now } from "../time/system_clock.ts";
import type { ByteReader, ByteWriter } from "../wire/bytes.ts";
import { FLAGS } from "../wire/message.ts";
import { Call, type ProgressSink } from "./call.ts";

/** The configuration of a worker. */
export interface Setup {
  readonly workerId: number;
  /** The maximum number of tasks in progress. */
  readonly concurrency: number;
  /** Whether the worker reports the memory in use. */
  readonly reportsMemory: boolean;
  /** The maximum time to load a task's module, in milliseconds. */
  readonly loadLimit: number;
  /** The maximum time in milliseconds for the disposal of values when the worker ends. */
  readonly grace: number;
  /** The name of the pool. */
  readonly executor: string;
  /** The number of the task that initializes the worker; 0 if there is none. */
  readonly initializer: number;
}

/** The configuration until the pool sends another. */
export const NO_SETUP: Setup = {
  workerId: 0,
  concurrency: 1,
  reportsMemory: false,
  loadLimit: Infinity,
  grace: 0,
  executor: "",
  initializer: 0,
};

/** Reads a configuration; the arguments of the initializer follow. */
export function readSetup(reader: ByteReader): Setup {
  const [workerId, concurrency, reportsMemory, loadLimit, grace] = [
    reader.u32(),
    reader.u32(),
    reader.u8() === 1,
    reader.f64(),
    reader.f64(),
  ];
  return {
    workerId,
    concurrency,
    reportsMemory,
    loadLimit,
    grace,
    executor: reader.string(),
    initializer: reader.u32(),
  };
}

/** Reads a call; its arguments follow. */
export function readCall(reader: ByteReader, { workerId, executor }: Setup, sink: ProgressSink): Call {
  const id = reader.u32();
  const reference = reader.u32();
  const kind = reader.u8();
  const call = new Call(id, reference, (kind & FLAGS.chunk) !== 0, workerId, executor, sink, now());
  if ((kind & FLAGS.repeated) !== 0) {
    call.attempt = reader.u32();
    call.first = reader.u32();
  }
  if ((kind & FLAGS.named) !== 0) call.taskId = reader.string();
  if ((kind & FLAGS.stream) !== 0) call.window = reader.u32();
  call.carries = (kind & FLAGS.carries) !== 0;
  return call;
}

/** Writes the numbers of the recalled calls. */
export function writeRecalled(writer: ByteWriter, calls: Deque<Call>): void {
  writer.u32(calls.size);
  for (const { number } of calls) writer.u32(number);
}

/**
 * Writes the times of a call that has ended: its run time, the time since its arrival, and the time until it first
 * waited.
 */
export function writeTimes(writer: ByteWriter, { startedAt, receivedAt, syncTime }: Call): void {
  const end = now();
  writer.f64(end - startedAt);
  writer.f64(end - receivedAt);
  writer.f64(syncTime ?? end - startedAt);
}
