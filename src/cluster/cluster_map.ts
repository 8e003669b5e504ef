/**
 * A `map` over the hosts of a cluster.
 *
 * @module
 */

import { checkMapOptions, type MapOptions } from "../futures/executor.ts";
import type { Future } from "../futures/future.ts";
import { MapResults, type Results } from "../futures/results.ts";
import type { Outcome } from "../futures/source.ts";
import type { Client } from "./client.ts";
import type { ClusterSubmitOptions } from "./options.ts";

/** The number of items that are taken ahead of the consumer. */
const BUFFER = 1_024;
/** The target duration of a chunk with `chunkSize: "auto"`, in milliseconds: a round trip takes about one. */
const CHUNK_TIME = 20;

/** The arguments of a `map`. */
export interface ClusterMap {
  readonly name: string;
  readonly items: unknown;
  readonly given: MapOptions;
  readonly options: ClusterSubmitOptions;
  /** Whether each item is a list of arguments. */
  readonly spread: boolean;
  submit(args: unknown[], items: number): Future<Outcome[]>;
}

/** Starts a `map`. */
export function startMap<R>(client: Client, queueLimit: number, plan: ClusterMap): Results<R> {
  const { name, items, given, options, spread, submit } = plan;
  const { chunkSize, bufferSize, ordered, timeout, signal, onProgress } = checkMapOptions(given);
  // A retry repeats the whole chunk, also the items that have not failed.
  const chunk = options.retry === undefined ? chunkSize : 1;
  const buffer = bufferSize ?? Math.max(1, Math.min(BUFFER, queueLimit + client.hosts.places));
  const largest = Math.max(1, Math.floor(buffer / (2 * Math.max(1, client.hosts.places))));
  const learned = () => {
    const estimate = client.settlement.estimate(name);
    return estimate === undefined ? 1 : Math.max(1, Math.floor(CHUNK_TIME / Math.max(estimate, 0.01)));
  };
  return new MapResults<R>({
    items: items as Iterable<unknown>,
    submit: (taken) => submit(spread ? taken : taken.map((item) => [item]), taken.length),
    chunkSize: () => chunk === "auto" ? Math.min(largest, learned()) : chunk,
    bufferSize: buffer,
    ordered,
    timeout,
    signal,
    onProgress,
    watch: (dropped) => client.watch(dropped),
    unseen: (future, error) => client.unobserved.add(future, name, error),
  });
}
