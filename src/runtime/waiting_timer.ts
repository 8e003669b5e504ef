/**
 * Timers, immediates and keep-alives for programs in which fake timers were installed before this library was loaded.
 *
 * They use `Atomics.waitAsync` and message ports, which fakes do not replace. They cost more than the host's timers, so
 * they are used only if those are replaced.
 *
 * @module
 */

import { AsyncResource } from "node:async_hooks";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { notifyAll, waitAsync } from "../core/cell.ts";

/** A timer that waits on its own cell; stopping it wakes the wait. */
export class WaitingTimer {
  readonly #cells = new Int32Array(new SharedArrayBuffer(4));
  readonly #release: (() => void) | undefined;
  #over = false;

  /** Starts the timer. With `unref` it does not keep the program alive, except on Bun, where every wait does. */
  constructor(fn: () => void, delay: number, unref: boolean) {
    // On Node a pending wait does not keep the program alive.
    this.#release = unref ? undefined : keepAliveByPort();
    void waitAsync(this.#cells, 0, 0, delay).then(() => {
      if (this.#over) return;
      this.#end();
      fn();
    });
  }

  /** Stops the timer; does nothing once it has fired. */
  stop(): void {
    if (this.#over) return;
    this.#end();
    notifyAll(this.#cells, 0);
  }

  #end(): void {
    this.#over = true;
    this.#release?.();
  }
}

/** Keeps the program alive until the returned function is called. */
export function keepAliveByPort(): () => void {
  const { port1 } = new MessageChannel();
  port1.on("message", () => {});
  return () => port1.close();
}

const deferred: (() => void)[] = [];
let ports: { readonly send: MessagePort; readonly receive: MessagePort } | undefined;

/** Runs a function in a later turn of the event loop, as `setImmediate` does. */
export function deferByPort(fn: () => void): void {
  if (ports === undefined) {
    const { port1, port2 } = new MessageChannel();
    port1.on("message", runDeferred);
    ports = { send: port2, receive: port1 };
  }
  if (deferred.push(AsyncResource.bind(fn)) === 1) ports.receive.ref();
  ports.send.postMessage(undefined);
}

function runDeferred(): void {
  const fn = deferred.shift();
  if (deferred.length === 0) ports!.receive.unref();
  fn?.();
}
