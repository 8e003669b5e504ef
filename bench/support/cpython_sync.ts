// CPython's locks, threads and processes, where there is a Python: what a user of `threading` knows.
import { fileURLToPath } from "node:url";
import { output, pythonVersion } from "./cpython.ts";
import type { Doer } from "./sheets.ts";

/** Milliseconds for one acquire and release, and for one of many waiters. */
export interface PythonLocks {
  readonly lock: number;
  readonly semaphore: number;
  readonly asyncio: number;
  readonly crowd: number;
}

/** Milliseconds for all of them, started and joined. */
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

/** Rows of CPython, by the names of its classes. */
export async function pythonDoers(names: readonly string[]): Promise<Doer[]> {
  const version = await pythonVersion();
  return version === undefined ? [] : names.map((name) => ({ id: name, name, version, party: "python" }));
}

async function ask<T>(what: string, ...counts: number[]): Promise<T | undefined> {
  const script = fileURLToPath(new URL("./cpython_sync.py", import.meta.url));
  const text = await output("python3", [script, what, ...counts.map(String)], 60_000);
  return text === undefined ? undefined : JSON.parse(text) as T;
}
