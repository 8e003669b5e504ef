/**
 * Addresses of tasks: the record by which a worker finds a task's function.
 *
 * @module
 */

import type { ByteReader, ByteWriter } from "../wire/bytes.ts";
import { localTasks } from "./local_tasks.ts";
import { sourceHash } from "./source_hash.ts";

/** The record by which another worker finds a task's function. */
export interface TaskAddress {
  readonly url: string;
  readonly name: string;
  /** The source of an inline task. */
  readonly source: string | undefined;
  /** Whether `task` made it; otherwise the task is an export of the module. */
  readonly made: boolean;
  /** Distinguishes the task from others with the same URL and name; undefined if the name is unique. */
  readonly check: TaskCheck | undefined;
  /** Whether it is a class, of which the worker makes its object. */
  readonly constructs?: boolean | undefined;
  /** The method of the worker's object that is called. */
  readonly method?: string | undefined;
}

/** Distinguishes tasks with the same URL and name: by creation order, and by a hash of the source text. */
export interface TaskCheck {
  readonly place: number;
  readonly hash: string;
  /** Whether the caller passed the name: if no task matches, the export of that name is used. */
  readonly given: boolean;
}

/**
 * Kinds of an encoded address: an export; source text; made by `task` under a unique name; made by `task` under a name
 * with duplicates, taken from the function or passed by the caller; a method of the worker's object.
 */
const EXPORT = 0, SOURCE = 1, MADE = 2, CHECKED = 3, CHECKED_GIVEN = 4, METHOD = 5;
/** Added to the kind of a class, of which the worker makes its object. */
const CONSTRUCTS = 8;

/** Writes the address of a task. */
export function writeAddress(writer: ByteWriter, address: TaskAddress): void {
  const { url, name, source, made, check, constructs, method } = address;
  writer.string(url);
  writer.string(name);
  if (method !== undefined) {
    writer.u8(METHOD);
    return writer.string(method);
  }
  const checked = check?.given === true ? CHECKED_GIVEN : CHECKED;
  const kind = source !== undefined ? SOURCE : check !== undefined ? checked : made ? MADE : EXPORT;
  writer.u8(constructs === true ? kind | CONSTRUCTS : kind);
  if (source !== undefined) return writer.string(source);
  if (check === undefined) return;
  writer.u32(check.place);
  writer.string(check.hash);
}

/**
 * Reads an address that {@linkcode writeAddress} wrote.
 *
 * @throws {RangeError} if the kind is unknown.
 */
export function readAddress(reader: ByteReader): TaskAddress {
  const [url, name, read] = [reader.string(), reader.string(), reader.u8()];
  const [constructs, kind] = [(read & CONSTRUCTS) !== 0, read & ~CONSTRUCTS];
  if (kind > METHOD) throw new RangeError(`Cannot read a task address: its kind is unknown (kind is ${read})`);
  if (kind === METHOD) return { url, name, source: undefined, made: false, check: undefined, method: reader.string() };
  const source = kind === SOURCE ? reader.string() : undefined;
  if (kind < CHECKED) return { url, name, source, made: kind === MADE, check: undefined, constructs };
  const check = { place: reader.u32(), hash: reader.string(), given: kind === CHECKED_GIVEN };
  return { url, name, source, made: true, check, constructs };
}

/** Returns the task with this address that this thread made, unless there is none or the address is ambiguous. */
export function localTask({ url, name, made, check }: TaskAddress): ((...args: never[]) => unknown) | undefined {
  if (!made) return undefined;
  let tasks = localTasks(url, name);
  if (check !== undefined) {
    tasks = tasks.filter(({ fn }) => sourceHash(fn) === check.hash);
    if (tasks.length > 1) tasks = tasks.filter(({ place }) => place === check.place);
  }
  return tasks.length === 1 ? tasks[0]!.fn : undefined;
}
