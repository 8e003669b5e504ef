/**
 * The connections of a cluster's objects: they do not keep the program alive, and close in bounded time.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import type { Clock } from "../core/wait_queue.ts";
import { type EngineClient, type EngineObject, listen } from "./engine.ts";
import type { ClusterSettings } from "./options.ts";

/** The time limit of a close before the connection is dropped, in milliseconds. */
const CLOSE_LIMIT = 1_000;

/** A connection whose socket can be unreferenced. */
interface Unreferable extends EngineClient {
  readonly stream?: { unref?(): void };
}

/** Lets the program end although an object of the engine is connected, also after a reconnection. */
export function letProgramEnd(object: EngineObject): void {
  object.getBackend().client.then((client: Unreferable) => {
    const unref = () => client.stream?.unref?.();
    unref();
    listen(client, "connect", unref);
    listen(client, "ready", unref);
  }, () => {});
}

/** Closes an object of the engine; drops its connection if the server does not answer. */
export async function closeObject(object: EngineObject, clock: Clock, force = false): Promise<void> {
  let stop = () => {};
  const late = new Promise<"late">((resolve) => stop = clock.startTimer(CLOSE_LIMIT, () => resolve("late")));
  const closed = object.close(force).then(() => "closed", () => "late");
  const how = await Promise.race([closed, late]);
  stop();
  if (how === "closed") return;
  // An object that was never connected waits for its connection before it closes; its backend does not.
  void object.getBackend().close(true).catch(() => {});
  void object.getBackend().client.then((client) => client.disconnect(), () => {});
}

/** Returns the address of the server, without credentials. */
export function placeOf({ connection }: ClusterSettings): string {
  const { url, host, port, options } = connection as Record<string, unknown>;
  const given = { host, port, ...(typeof options === "object" ? options : {}) } as Record<string, unknown>;
  if (typeof url === "string") {
    try {
      const parsed = new URL(url);
      return `${parsed.hostname}:${parsed.port === "" ? 6379 : parsed.port}`;
    } catch {
      return "the given address";
    }
  }
  return `${given.host ?? "127.0.0.1"}:${given.port ?? 6379}`;
}

/** Calls a function in a microtask. */
export const soon: (fn: () => void) => void = runtime.microtask;
