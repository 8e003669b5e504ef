/**
 * Where the function of a task is found.
 *
 * @module
 */

import type { ByteReader, ByteWriter } from "../wire/bytes.ts";
import { localTasks } from "./local_tasks.ts";
import { sourceHash } from "./source_hash.ts";

/** What another worker needs to find the function of a task. */
export interface TaskAddress {
  readonly url: string;
  readonly name: string;
  /** The source of an inline task. */
  readonly source: string | undefined;
  /** Whether `task` made it; otherwise it is an export. */
  readonly made: boolean;
  /** What tells it from other tasks of its address and name, if there are any or may be: its place and a hash of its source. */
  readonly check: TaskCheck | undefined;
}

/** What tells a task from others with the same address and name. */
export interface TaskCheck {
  readonly place: number;
  readonly hash: string;
  /** Whether the caller gave the name: if no task fits, the export of that name is meant. */
  readonly given: boolean;
}

/**
 * How the record of a task says what it is: an export; source text; made by `task`; made by it with others of that name, which
 * its function has or its caller gave.
 */
const EXPORT = 0, SOURCE = 1, MADE = 2, CHECKED = 3, CHECKED_GIVEN = 4;

/** Writes what a worker needs to find the function of a task. */
export function writeAddress(writer: ByteWriter, { url, name, source, made, check }: TaskAddress): void {
  writer.string(url);
  writer.string(name);
  const checked = check?.given === true ? CHECKED_GIVEN : CHECKED;
  writer.u8(source !== undefined ? SOURCE : check !== undefined ? checked : made ? MADE : EXPORT);
  if (source !== undefined) return writer.string(source);
  if (check === undefined) return;
  writer.u32(check.place);
  writer.string(check.hash);
}

/**
 * Reads what {@linkcode writeAddress} wrote.
 *
 * @throws {RangeError} if it is something else.
 */
export function readAddress(reader: ByteReader): TaskAddress {
  const [url, name, kind] = [reader.string(), reader.string(), reader.u8()];
  if (kind > CHECKED_GIVEN) throw new RangeError("Cannot read the address of a task");
  const source = kind === SOURCE ? reader.string() : undefined;
  if (kind < CHECKED) return { url, name, source, made: kind === MADE, check: undefined };
  const check = { place: reader.u32(), hash: reader.string(), given: kind === CHECKED_GIVEN };
  return { url, name, source, made: true, check };
}

/** Returns the task with an address that was made in this thread, if it is clear which one is meant. */
export function localTask({ url, name, made, check }: TaskAddress): ((...args: never[]) => unknown) | undefined {
  if (!made) return undefined;
  let tasks = localTasks(url, name);
  if (check !== undefined) {
    tasks = tasks.filter(({ fn }) => sourceHash(fn) === check.hash);
    if (tasks.length > 1) tasks = tasks.filter(({ place }) => place === check.place);
  }
  return tasks.length === 1 ? tasks[0]!.fn : undefined;
}
