/**
 * What worker processes print, passed on to the program's own output in whole lines.
 *
 * @module
 */

import type { Readable, Writable } from "node:stream";
import { TextDecoder } from "node:util";
import { hostTime } from "./host_time.ts";

/** How much of the last output is kept for the report of a lost worker. */
const TAIL_BYTES = 8192;
/** A line longer than this is passed on in pieces. */
const LINE_LIMIT = 1 << 20;
const NEWLINE = 10;

/** One stream of a worker process. */
export interface Output {
  /** Passes on the last line if it has no newline. */
  flush(): void;
  /** The last output, as text. */
  tail(): string;
  /** Calls back once when the stream has ended. */
  onceClosed(callback: () => void): void;
}

/** How many chunks all workers have printed so far. */
let printed = 0;
/** How many streams may bring more. */
let open = 0;
/** The streams that wait until a full output of the program's has drained. */
const waiting = new Map<Writable, Set<Readable>>();

/**
 * Passes lines on as they become whole, so that lines of several workers never mix. Reading pauses while the program's
 * own output is full: a worker that prints faster than its reader reads then waits in its own write, as any program
 * does, and nothing piles up here.
 */
export function forwardLines(from: Readable, to: Writable): Output {
  let rest: Uint8Array[] = [];
  let restSize = 0;
  const tail = new Tail();
  const flush = () => {
    for (const chunk of rest) write(chunk, from, to);
    rest = [];
    restSize = 0;
  };
  from.on("data", (chunk: Uint8Array) => {
    printed++;
    tail.push(chunk);
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      flush();
      write(chunk.subarray(0, end), from, to);
    }
    if (end < chunk.length) {
      rest.push(chunk.subarray(end));
      restSize += chunk.length - end;
      if (restSize > LINE_LIMIT) flush();
    }
  });
  from.on("error", () => {});
  open++;
  from.once("close", () => open--);
  return {
    flush,
    tail: () => tail.text(),
    onceClosed: (callback) => void from.once("close", callback),
  };
}

/** Hands chunks over as they come. Reading never pauses: what the taker does not use at once is the taker's to keep. */
export function collectChunks(from: Readable, taker: (chunk: Uint8Array) => void): Output {
  const tail = new Tail();
  from.on("data", (chunk: Uint8Array) => {
    tail.push(chunk);
    taker(chunk);
  });
  from.on("error", () => {});
  return { flush: () => {}, tail: () => tail.text(), onceClosed: (callback) => void from.once("close", callback) };
}

/** The end of a stream. */
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
 * Calls back once everything that workers had printed by now has been passed on: what a worker wrote before its result
 * is already in the pipe when the result arrives, so two turns of the loop without output mean there is none. Calls back
 * at once if no stream is open.
 */
export function afterOutput(callback: () => void): void {
  if (open === 0 && [...waiting.values()].every((streams) => streams.size === 0)) return callback();
  let seen = printed;
  let quiet = 0;
  const look = () => {
    if (printed !== seen) quiet = 0;
    else if (++quiet > 2) return callback();
    seen = printed;
    for (const [to, streams] of waiting) {
      if (streams.size > 0) return void to.once("drain", look);
    }
    hostTime.defer(look);
  };
  hostTime.defer(look);
}

function write(chunk: Uint8Array, from: Readable, to: Writable): void {
  if (to.write(chunk)) return;
  from.pause();
  let streams = waiting.get(to);
  if (streams === undefined) waiting.set(to, streams = new Set());
  if (streams.size === 0) {
    to.once("drain", () => {
      for (const stream of streams) stream.resume();
      streams.clear();
    });
  }
  streams.add(from);
}
