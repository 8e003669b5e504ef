// The worker file of poolifier's cluster pool.
import { ClusterWorker } from "poolifier";
import { add, echo, isPrime } from "../work.ts";

export const worker = new ClusterWorker({ addPair: ([a, b]) => add(a, b), echo, isPrime });
