// Implements the pool's side of a runner in this thread: sends records and reads the answers.

import type { Channel } from "../../src/wire/out_of_band.ts";
import { ByteReader, type ByteWriter } from "../../src/wire/bytes.ts";
import * as op from "../../src/wire/message.ts";
import { HEADER_SIZE, IncomingMessage, MessageWriter, type OutgoingMessage } from "../../src/wire/message.ts";
import { threadChannel } from "../../src/wire/thread_link.ts";
import { FunctionLoader } from "../../src/worker/function_loader.ts";
import { Runner } from "../../src/worker/runner.ts";
import { encode } from "../wire/values.ts";

/** An answer of a runner. */
export interface Answer {
  readonly kind: string;
  readonly id?: number;
  readonly value?: unknown;
  readonly times?: readonly number[];
  /** The error of a chunk. */
  readonly failure?: unknown;
}

/** The functions that tasks can run, by module and name. */
export type Modules = Record<string, Record<string, unknown> | Promise<Record<string, unknown>>>;

const NAMES = new Map(Object.entries(op).filter(([, value]) => typeof value === "number").map(([k, v]) => [v, k]));

/** A runner, and all its answers so far. */
export class FakePool {
  readonly answers: Answer[] = [];
  /** The calls reported as started. */
  readonly started: number[] = [];
  readonly runner: Runner;
  /** The number of messages with answers. */
  messages = 0;
  stopped = 0;
  readonly #writer = new MessageWriter();
  #changed: (() => void) | undefined;

  constructor(modules: Modules = {}, channel: Channel = threadChannel(false)) {
    const load = async (url: string): Promise<Record<string, unknown>> => {
      await null;
      if (url in modules) return await modules[url]!;
      throw new Error(`Module not found: ${url}`);
    };
    const link = { send: (message: OutgoingMessage) => this.#receive(message) };
    this.runner = new Runner(link, channel, new FunctionLoader(load), () => this.stopped++);
  }

  setUp(
    options: {
      concurrency?: number;
      reportsMemory?: boolean;
      initializer?: number;
      args?: unknown[];
      loadLimit?: number;
    } = {},
  ): this {
    const { concurrency = 1, reportsMemory = false, initializer = 0, args = [], loadLimit = Infinity } = options;
    const record = this.#writer.record(op.SETUP);
    record.u32(7), record.u32(concurrency), record.u8(reportsMemory ? 1 : 0);
    record.f64(loadLimit), record.f64(0), record.string("a pool"), record.u32(initializer);
    this.#writer.value(encode(args));
    // Nothing that all workers run.
    record.u32(0);
    return this;
  }

  define(reference: number, url: string, name: string): this {
    writeDefinition(this.#writer.record(op.DEFINE), reference, url, name);
    return this;
  }

  call(id: number, reference: number, ...args: unknown[]): this {
    return this.#call(id, reference, 0, args);
  }

  chunk(id: number, reference: number, ...items: unknown[][]): this {
    return this.#call(id, reference, 1, items);
  }

  abort(id: number, reason: unknown): this {
    this.#writer.record(op.ABORT).u32(id);
    this.#writer.value(encode(reason));
    return this;
  }

  concurrency(count: number): this {
    this.#writer.record(op.CONCURRENCY).u32(count);
    return this;
  }

  record(operation: number): this {
    this.#writer.record(operation);
    return this;
  }

  /** Sends all records written since the last call. */
  send(): this {
    const { bytes, blobs, attachments } = this.#writer.take();
    this.runner.receive(new IncomingMessage(new ByteReader(bytes.slice(HEADER_SIZE)), blobs, attachments));
    return this;
  }

  /** Waits for a number of answers. */
  async answered(count: number): Promise<readonly Answer[]> {
    while (this.answers.length < count) await new Promise<void>((resolve) => this.#changed = resolve);
    return this.answers;
  }

  #call(id: number, reference: number, isChunk: number, args: unknown[]): this {
    const record = this.#writer.record(op.CALL);
    record.u32(id), record.u32(reference), record.u8(isChunk);
    this.#writer.value(encode(args));
    return this;
  }

  #receive({ bytes, blobs, attachments }: OutgoingMessage): void {
    const message = new IncomingMessage(new ByteReader(bytes.slice(HEADER_SIZE)), blobs, attachments);
    const answers: Answer[] = [];
    while (message.more) answers.push(readAnswer(message));
    const told = answers.filter(({ kind }) => kind !== "STARTED");
    this.started.push(...answers.filter((answer) => !told.includes(answer)).map(({ id }) => id!));
    this.answers.push(...told);
    if (told.length > 0) this.messages++;
    this.#changed?.();
  }
}

/** Writes the definition of a task. */
export function writeDefinition(
  writer: ByteWriter,
  reference: number,
  url: string,
  name: string,
  source?: string,
): void {
  writer.u32(reference);
  writer.string(url);
  writer.string(name);
  writer.u8(source === undefined ? 0 : 1);
  if (source !== undefined) writer.string(source);
}

function readAnswer(message: IncomingMessage): Answer {
  const { reader } = message;
  const operation = reader.u8();
  const kind = NAMES.get(operation) ?? `unknown ${operation}`;
  switch (operation) {
    case op.DONE:
    case op.FAILED:
      return { kind, id: reader.u32(), times: readTimes(reader), value: message.value() };
    case op.CHUNK_DONE: {
      const id = reader.u32(), times = readTimes(reader);
      const value = Array.from({ length: reader.u32() }, () => message.value());
      return { kind, id, times, value, failure: reader.u8() === 1 ? message.value() : undefined };
    }
    case op.PROGRESS:
      return { kind, id: reader.u32(), value: message.value() };
    case op.FAULT:
    case op.SETUP_FAILED:
      return { kind, value: message.value() };
    case op.STARTED:
      return { kind, id: reader.u32() };
    case op.MEMORY:
      return { kind, value: reader.f64() };
    default:
      return { kind };
  }
}

function readTimes(reader: ByteReader): number[] {
  return [reader.f64(), reader.f64(), reader.f64()];
}

/** Returns the answers as kinds, numbers and values. */
export function outcomes(answers: readonly Answer[]): unknown[] {
  return answers.map(({ kind, id, value }) => [kind, id, value]);
}
