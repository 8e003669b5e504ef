// A bare thread that loads the same task module as ours, including the parts of the library that a task needs.
import { parentPort, workerData } from "node:worker_threads";
import { sum } from "../start_task.ts";

parentPort.postMessage(sum(...workerData));
