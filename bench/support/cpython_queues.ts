// CPython's queues, where there is a Python: what a user of `queue` knows.
import { fileURLToPath } from "node:url";
import { output, pythonVersion } from "./cpython.ts";
import type { Doer } from "./sheets.ts";

/** Milliseconds, by the names of the classes. */
export interface PythonQueues {
  /** For one put and get. */
  readonly passing: Readonly<Record<string, number>>;
  /** For one item of many, by class and number. */
  readonly ordering: Readonly<Record<string, number>>;
}

export async function pythonQueues(passes: number, sizes: readonly number[]): Promise<PythonQueues | undefined> {
  const script = fileURLToPath(new URL("./cpython_queues.py", import.meta.url));
  const text = await output("python3", [script, String(passes), ...sizes.map(String)], 60_000);
  return text === undefined ? undefined : JSON.parse(text) as PythonQueues;
}

/** Rows of CPython for what was measured. */
export async function pythonQueueDoers(times: Readonly<Record<string, number>> = {}): Promise<Doer[]> {
  const version = await pythonVersion();
  return Object.keys(times).map((name) => ({ id: name, name, version, party: "python" }));
}
