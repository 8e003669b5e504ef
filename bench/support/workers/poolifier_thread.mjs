// The worker file of poolifier's thread pool.
import { ThreadWorker } from "poolifier";
import { add, echo, isPrime } from "../work.ts";

export const worker = new ThreadWorker({ addPair: ([a, b]) => add(a, b), echo, isPrime });
