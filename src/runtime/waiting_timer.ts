/**
 * Timers, immediates and keep-alives for a program whose timers were replaced by fakes before this library was loaded.
 *
 * `Atomics.waitAsync` and message ports are what fakes leave alone. They cost more than the host's own timers, so they
 * are used only where those are out of reach.
 *
 * @module
 */

import { AsyncResource } from "node:async_hooks";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { notifyAll, waitAsync } from "../core/cell.ts";

/** A timer that waits on a cell of its own; stopping it wakes the wait. */
export class WaitingTimer {
  readonly #cells = new Int32Array(new SharedArrayBuffer(4));
  readonly #release: (() => void) | undefined;
  #over = false;

  /** Starts the timer. With `unref` the program may end before it fires, except on Bun, which waits for every wait. */
  constructor(fn: () => void, delay: number, unref: boolean) {
    // On Node a pending wait keeps no program alive.
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

/** Runs a function in a later turn of the loop, as `setImmediate` does. */
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
