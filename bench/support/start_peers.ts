// One interface over threads and processes that start, answer and are joined: ours, and the bare ones of the runtime.
import { spawn } from "node:child_process";
import { Worker } from "node:worker_threads";
import { Process, Thread } from "../../mod.ts";
import { command } from "./host.ts";
import type { Doer } from "./sheets.ts";
import { sum } from "./start_task.ts";

export interface StartPeer extends Doer {
  /** Starts one that adds 1 to a number, and returns the answer after its end. */
  startAndJoin(number: number): Promise<number>;
}

const THREAD = new URL("./workers/start_thread.mjs", import.meta.url);
const TASK_THREAD = new URL("./workers/start_task_thread.mjs", import.meta.url);
const PROCESS = new URL("./workers/start_process.mjs", import.meta.url);

export const THREADS: readonly StartPeer[] = [
  { id: "ours", name: "heddle Thread", group: "ours", startAndJoin: (number) => joined(new Thread(sum, [number, 1])) },
  { id: "raw", name: "raw node:worker_threads", group: "raw", startAndJoin: (number) => rawThread(THREAD, number) },
  {
    id: "raw task",
    name: "raw, loading the task",
    group: "raw",
    startAndJoin: (number) => rawThread(TASK_THREAD, number),
  },
];

export const PROCESSES: readonly StartPeer[] = [
  {
    id: "ours",
    name: "heddle Process",
    group: "ours",
    startAndJoin: (number) => joined(new Process(sum, [number, 1])),
  },
  { id: "raw", name: "raw child process", group: "raw", startAndJoin: rawProcess },
];

async function joined(single: Thread<number, [number, number]> | Process<number, [number, number]>): Promise<number> {
  await single.start().join();
  return single.result.resultNow();
}

function rawThread(file: URL, number: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: [number, 1] });
    let answer = NaN;
    worker.once("message", (value: number) => answer = value);
    worker.once("error", reject);
    worker.once("exit", () => resolve(answer));
  });
}

function rawProcess(number: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const [program, args] = command(PROCESS, [String(number), "1"]);
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => text += part);
    child.once("error", reject);
    child.once("close", () => resolve(Number(text.trim() || NaN)));
  });
}
