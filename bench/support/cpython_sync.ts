// Measures CPython's locks, threads and processes, for users of `threading`, if Python is installed.
import { fileURLToPath } from "node:url";
import { output, pythonVersion } from "./cpython.ts";
import type { Doer } from "./sheets.ts";

/** Milliseconds per acquire and release, and per waiter of many. */
export interface PythonLocks {
  readonly lock: number;
  readonly semaphore: number;
  readonly asyncio: number;
  readonly crowd: number;
}

/** Milliseconds to start and join all of them. */
export interface PythonStarts {
  readonly threads: number;
  readonly processes: number;
}

export function pythonLocks(passes: number, waiters: number, permits: number): Promise<PythonLocks | undefined> {
  return ask("locks", passes, waiters, permits);
}

export function pythonStarts(threads: number, processes: number): Promise<PythonStarts | undefined> {
  return ask("start", threads, processes);
}

/** Rows for CPython, by class names. */
export async function pythonDoers(names: readonly string[]): Promise<Doer[]> {
  const version = await pythonVersion();
  return version === undefined ? [] : names.map((name) => ({ id: name, name, version, group: "python" }));
}

async function ask<T>(what: string, ...counts: number[]): Promise<T | undefined> {
  const script = fileURLToPath(new URL("./cpython_sync.py", import.meta.url));
  const text = await output("python3", [script, what, ...counts.map(String)], 60_000);
  return text === undefined ? undefined : JSON.parse(text) as T;
}
