/**
 * Values and errors as text: Heddle's own encoding, which the engine carries as one string.
 *
 * The engine offers JSON, which turns dates into text and bytes into objects, drops `undefined`, and fails on cycles.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { addressOf, type Definition, definitionOf, mark } from "../task/task.ts";
import { localTask, readAddress, type TaskAddress, writeAddress } from "../task/address.ts";
import type { Channel } from "../wire/out_of_band.ts";
import { ByteReader } from "../wire/bytes.ts";
import { ValueDecoder } from "../wire/decoder.ts";
import { ValueEncoder } from "../wire/encoder.ts";
import type { FunctionKind } from "../wire/functions.ts";
import { Refusal } from "../wire/refusal.ts";

/** Prefix of an encoded value, which tells it from other text. */
const MARK = "h1:";
/** The number of bytes that are converted to text at a time. */
const PIECE = 8_192;

/** Finds a task that has arrived in a value. */
export type FindTask = (address: TaskAddress) => ((...args: never[]) => unknown) | undefined;

/** Converts values to text and back. */
export class Codec {
  readonly #most: number;
  readonly #encoder: ValueEncoder;
  readonly #functions: Pick<FunctionKind, "read">;

  /**
   * @param most the most bytes of a value.
   * @param find finds the tasks in values.
   */
  constructor(most: number, find: FindTask) {
    this.#most = most;
    this.#encoder = new ValueEncoder(CHANNEL);
    this.#functions = {
      read: (reader) => {
        const address = readAddress(reader);
        return find(address) ?? unknownTask(address);
      },
    };
  }

  /** Encodes arguments. */
  args(args: unknown[]): string {
    return this.#text(this.#encoder.encodeArgs(args), "arguments");
  }

  /** Encodes a value; `root` is what a refusal calls it. */
  value(value: unknown, root: string): string {
    return this.#text(this.#encoder.encode(value, root), root);
  }

  /** Encodes a thrown value of any size: no caller could handle an error about its size. */
  error(error: unknown): string {
    const { bytes, start, end } = this.#encoder.encodeError(error);
    return textOf(bytes.subarray(start, end));
  }

  /**
   * Decodes a value.
   *
   * @throws {RangeError} if the text is not of this encoding.
   */
  decode(text: unknown): unknown {
    if (typeof text !== "string" || !text.startsWith(MARK)) {
      throw new RangeError(`Cannot decode what is not Heddle's: current value is ${show(text)}`);
    }
    const reader = new ByteReader(bytesOf(text));
    const decoder = new ValueDecoder(reader);
    decoder.functions = this.#functions;
    const value = decoder.decode();
    if (reader.position !== reader.end) throw new RangeError("Cannot decode a value with more behind it");
    return value;
  }

  #text({ bytes, start, end }: { bytes: Uint8Array; start: number; end: number }, what: string): string {
    if (end - start > this.#most) {
      throw new RangeError(
        `Cannot send ${what} of ${
          end - start
        } bytes: maxPayloadBytes is ${this.#most}, pass a reference to the data instead`,
      );
    }
    return textOf(bytes.subarray(start, end));
  }
}

/** Values go to other machines: nothing is transferred, and no reference to this machine travels. */
const CHANNEL: Channel = {
  scope: "process",
  remote: true,
  bytesOnly: true,
  handsOver: false,
  allocate: (size) => new ArrayBuffer(size),
  references: {
    refer: (_handle, { name }) => {
      throw new Refusal(`a ${name} is bound to this machine`);
    },
  },
  functions: {
    write: (fn, writer) => {
      const definition = definitionOf(fn);
      if (definition === undefined) return false;
      // Its receiver would run the source, and the server could replace it.
      if (sourceOf(definition) !== undefined) throw new Refusal("an inline task cannot leave this machine");
      writeAddress(writer, { ...addressOf(definition), source: undefined });
      return true;
    },
  },
};

/** Finds tasks of this program by their addresses, in values that come back to it. */
export const findHere: FindTask = (address) => localTask(address);

/** A task that this program does not have. It can be submitted to a cluster by name; its address is never loaded. */
function unknownTask({ name }: TaskAddress): (...args: never[]) => unknown {
  const handle = (): never => {
    throw new TypeError(`Cannot call '${name}' in place, as its module is not loaded here`);
  };
  return mark(handle, { url: `cluster:${encodeURIComponent(name)}`, name, source: undefined, fn: undefined });
}

/** The source of an inline task, also of one that has arrived in a message. */
export function sourceOf({ source, address }: Definition): string | undefined {
  return source ?? address?.source;
}

function textOf(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += PIECE) {
    binary += String.fromCharCode.apply(undefined, bytes.subarray(i, i + PIECE) as unknown as number[]);
  }
  return MARK + btoa(binary);
}

function bytesOf(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text.slice(MARK.length));
  } catch (cause) {
    throw new RangeError("Cannot decode text that was changed on its way", { cause });
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
