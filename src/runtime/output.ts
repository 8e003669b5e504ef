/**
 * Forwards the output of workers to the program's own, in whole lines.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { TextDecoder } from "node:util";
import { hostTime } from "./host_time.ts";
import { type Gate, gateOf, onceOpen } from "./output_gate.ts";
import type { ThreadOutput } from "./types.ts";

/** The size of the last output that is kept for the report of a lost worker. */
const TAIL_BYTES = 8192;
/** The maximum length of a line; longer ones are forwarded in pieces. */
const LINE_LIMIT = 1 << 20;
const NEWLINE = 10;

/** An output stream of a worker process. */
export interface Output {
  /** Forwards the last line if it has no newline. */
  flush(): void;
  /** Returns the last output as text. */
  tail(): string;
  /** Calls back once when the stream has ended. */
  onceClosed(callback: () => void): void;
}

/** The number of chunks that all workers have printed. */
let printed = 0;
/** The number of open streams. */
let open = 0;

/**
 * Forwards complete lines, so that lines of several workers never mix. Reading pauses while the program's own output is
 * full. A worker that prints faster than its output is read then blocks in its own write, as any program does, and no
 * output accumulates here.
 */
export function forwardLines(from: Readable, to: Writable): Output {
  const lines = new Lines(gateOf(to));
  const tail = new Tail();
  from.on("data", (chunk: Uint8Array) => {
    printed++;
    tail.push(chunk);
    if (lines.push(chunk)) return;
    from.pause();
    lines.gate.wait(() => from.resume());
  });
  from.on("error", () => {});
  open++;
  from.once("close", () => open--);
  return {
    flush: () => lines.flush(),
    tail: () => tail.text(),
    onceClosed: (callback) => void from.once("close", callback),
  };
}

/**
 * Passes chunks to `taker` as they arrive. Reading never pauses: `taker` must buffer the chunks that it does not use at
 * once.
 */
export function collectChunks(from: Readable, taker: (chunk: Uint8Array) => void): Output {
  const tail = new Tail();
  from.on("data", (chunk: Uint8Array) => {
    printed++;
    tail.push(chunk);
    taker(chunk);
  });
  from.on("error", () => {});
  open++;
  from.once("close", () => open--);
  return { flush: () => {}, tail: () => tail.text(), onceClosed: (callback) => void from.once("close", callback) };
}

/** Forwards the output of a thread to the program's own, in whole lines. */
export function threadOutput(): ThreadOutput {
  const streams: Lines[] = [];
  return {
    print: (descriptor, { buffer, byteOffset, length }, passedOn) => {
      // Opened at the first output, because opening the streams takes time.
      const lines = streams[descriptor] ??= new Lines(gateOf(descriptor === 2 ? process.stderr : process.stdout));
      if (lines.push(Buffer.from(buffer as ArrayBuffer, byteOffset, length))) passedOn();
      else lines.gate.wait(passedOn);
    },
    flush: () => streams.forEach((lines) => lines.flush()),
  };
}

/** Splits a stream of a worker into lines. */
class Lines {
  readonly gate: Gate;
  #rest: Uint8Array[] = [];
  #restSize = 0;

  constructor(gate: Gate) {
    this.gate = gate;
  }

  /** Forwards the lines that are complete; returns false if the output is full. */
  push(chunk: Uint8Array): boolean {
    let taken = true;
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      this.flush();
      taken = this.gate.write(chunk.subarray(0, end));
    }
    if (end < chunk.length) {
      this.#rest.push(chunk.subarray(end));
      this.#restSize += chunk.length - end;
      if (this.#restSize > LINE_LIMIT) taken = this.flush();
      else keepRest(this);
    }
    return taken;
  }

  /** Forwards the incomplete line; returns false if the output is full. */
  flush(): boolean {
    const rest = this.#rest;
    this.#rest = [];
    this.#restSize = 0;
    unfinished.delete(this);
    let taken = true;
    for (const chunk of rest) taken = this.gate.write(chunk);
    return taken;
  }
}

/** Streams whose last line has no newline yet. */
const unfinished = new Set<Lines>();
let watchesExit = false;

/** Forwards the incomplete line of a stream when the program ends. */
function keepRest(lines: Lines): void {
  unfinished.add(lines);
  if (watchesExit) return;
  watchesExit = true;
  process.on("exit", () => unfinished.forEach((each) => each.flush()));
}

/** The last output of a stream. */
class Tail {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size - this.#chunks[0]!.length > TAIL_BYTES) this.#size -= this.#chunks.shift()!.length;
  }

  text(): string {
    const decoder = new TextDecoder();
    return this.#chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("").slice(-TAIL_BYTES);
  }
}

/**
 * Calls back once all output that workers had printed by now has been forwarded; at once if no stream is open. Output
 * that a process wrote before its result is already in the pipe when the result arrives. Several turns of the event
 * loop without output therefore mean that there is none left.
 *
 * @param turn calls back in a later turn of the event loop, after the loop has polled its pipes.
 */
export function afterOutput(callback: () => void, turn: (fn: () => void) => void = hostTime.defer): void {
  let seen = printed;
  let quiet = 0;
  const look = () => {
    if (printed !== seen) quiet = 0;
    else if (++quiet > 2) return callback();
    seen = printed;
    if (!onceOpen(look)) turn(look);
  };
  if (open > 0) turn(look);
  else if (!onceOpen(() => turn(look))) callback();
}
