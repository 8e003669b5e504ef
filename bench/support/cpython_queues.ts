// Measures CPython's queues, for users of `queue`, if Python is installed.
import { fileURLToPath } from "node:url";
import { output, pythonVersion } from "./cpython.ts";
import type { Doer } from "./sheets.ts";

/** Milliseconds, by the names of the classes. */
export interface PythonQueues {
  /** Per put and get. */
  readonly passing: Readonly<Record<string, number>>;
  /** Per item of many, by class and number. */
  readonly ordering: Readonly<Record<string, number>>;
}

export async function pythonQueues(passes: number, sizes: readonly number[]): Promise<PythonQueues | undefined> {
  const script = fileURLToPath(new URL("./cpython_queues.py", import.meta.url));
  const text = await output("python3", [script, String(passes), ...sizes.map(String)], 60_000);
  return text === undefined ? undefined : JSON.parse(text) as PythonQueues;
}

/** Rows for the queues of CPython that were measured. */
export async function pythonQueueDoers(times: Readonly<Record<string, number>> = {}): Promise<Doer[]> {
  const version = await pythonVersion();
  return Object.keys(times).map((name) => ({ id: name, name, version, group: "python" }));
}
