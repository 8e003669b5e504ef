// Posts numbers, one message each, as fast as it can.
import { parentPort, workerData } from "node:worker_threads";

for (let n = 0; n < workerData; n++) parentPort.postMessage(n);
