/**
 * Serves queues to other workers: the worker that made a queue owns it.
 *
 * @module
 */

import { callFor, isServed, type RemoteShape } from "../sync/remote.ts";
import type { Client, HandleKind } from "../wire/handles.ts";

/** The part of a queue that serving needs. */
export interface ServedQueue {
  readonly maxSize: number;
}

/** Puts back an item that could not be sent. */
export type PutBack<Q> = (queue: Q, item: unknown) => void;

/** Counts items that can no longer be finished. */
export type Abandon<Q> = (queue: Q, count: number) => void;

/** The methods that other workers can use. */
export const SHAPE: RemoteShape = {
  waits: ["put", "get", "join"],
  limitsAt: { put: 1 },
  calls: ["taskDone"],
  posts: ["shutdown"],
  made: ["maxSize"],
};

/** For each worker, the items it has taken from each queue and not marked as done. */
const debts = new WeakMap<Client, Map<object, Debt>>();

/** A worker's unfinished items of one queue. */
interface Debt {
  readonly count: number;
  /** Counts the items as lost. */
  settle(count: number): void;
}

/** Registers a class of queues so that they can be used from other workers. */
export function servesQueues<Q extends ServedQueue>(
  Class: (new (maxSize: number) => Q) & { readonly prototype: Q },
  name: string,
  module: string,
  abandon: Abandon<Q>,
  putBack: PutBack<Q>,
): void {
  const make = (maxSize: number) => new Class(maxSize);
  isServed<Q, number>({ Class, name, module, data: ({ maxSize }) => maxSize, make, shape: SHAPE }, {
    call: callOwing(abandon),
    takeBack: (queue, { client }, method, _args, item) => {
      if (method !== "get") return;
      owe(client, queue, -1, abandon);
      putBack(queue, item);
    },
  });
}

/** Calls a method for another worker and counts the worker's unfinished items. */
export function callOwing<Q extends object>(abandon: Abandon<Q>): HandleKind<Q>["call"] {
  return async (queue, scope, method, args, signal) => {
    const outcome = await callFor(queue, SHAPE, scope, method, args, signal);
    if (method === "get") owe(scope.client, queue, 1, abandon);
    if (method === "taskDone") owe(scope.client, queue, -1, abandon);
    return outcome;
  };
}

function owe<Q extends object>(client: Client, queue: Q, change: number, abandon: Abandon<Q>): void {
  let owed = debts.get(client);
  if (owed === undefined) {
    const all = owed = new Map<object, Debt>();
    debts.set(client, all);
    client.onGone((died) => {
      if (died) { for (const { count, settle } of all.values()) if (count > 0) settle(count); }
    });
  }
  const count = (owed.get(queue)?.count ?? 0) + change;
  if (count === 0) owed.delete(queue);
  else owed.set(queue, { count, settle: (lost) => abandon(queue, lost) });
}
