// A bare thread: one answer, and it ends as nothing is left to do.
import { parentPort, workerData } from "node:worker_threads";

const [a, b] = workerData;
parentPort.postMessage(a + b);
