/**
 * Stands in for a worker process at the objects it uses here.
 *
 * @module
 */

import { kindOf } from "../wire/handles.ts";
import type { Packet, ValueEncoder } from "../wire/encoder.ts";
import * as op from "../wire/message.ts";
import type { IncomingMessage, MessageWriter } from "../wire/message.ts";
import { ERROR, type Exports, PERMIT, VALUE } from "../wire/references.ts";

/** What it needs of the pool. */
export interface StandInHooks {
  readonly exports: Exports;
  /** Sends records to the worker at once. */
  send(write: (writer: MessageWriter) => void): void;
  readonly encoder: ValueEncoder;
  /** A call that nobody waits for has failed. */
  fault(error: unknown): void;
}

/** What stays here of something that was acquired for the worker. */
interface Held {
  release(): void;
  abandon?(): void;
}

/** Does what one worker process asks for, keeps what that acquires, and cleans up when the process is gone. */
export class StandIn {
  readonly #hooks: StandInHooks;
  readonly #calls = new Map<number, { method: string; controller: AbortController; ended: Promise<void> }>();
  readonly #held = new Map<number, Held>();
  readonly #scopes = new Map<number, object>();
  #gone = false;

  constructor(hooks: StandInHooks) {
    this.#hooks = hooks;
  }

  /** Takes a record of the worker. */
  take(operation: number, message: IncomingMessage): void {
    const { reader } = message;
    switch (operation) {
      case op.REQUEST: {
        const call = reader.u32();
        const controller = new AbortController();
        const run = this.#reader(message, controller.signal);
        const ended = this.#answer(call, run.run).finally(() => this.#calls.delete(call));
        this.#calls.set(call, { method: run.method, controller, ended });
        return;
      }
      case op.POST: {
        const { run } = this.#reader(message, new AbortController().signal);
        return void run().catch((error) => this.#hooks.fault(error));
      }
      case op.CANCEL:
        return this.#calls.get(reader.u32())?.controller.abort();
      default: {
        const call = reader.u32();
        this.#held.get(call)?.release();
        this.#held.delete(call);
      }
    }
  }

  /** The process is gone: its waits end, and what it had is given back or reported as abandoned. */
  async end(): Promise<void> {
    this.#gone = true;
    const calls = [...this.#calls.values()];
    // Whoever waits for a condition is about to take its lock again, and has not left anything half done.
    const waited = calls.some(({ method }) => method === "wait");
    for (const { controller } of calls) controller.abort();
    if (waited) await Promise.all(calls.map(({ ended }) => ended));
    for (const held of this.#held.values()) waited ? held.release() : (held.abandon ?? held.release).call(held);
    this.#held.clear();
  }

  /** Reads what is to be called. */
  #reader(message: IncomingMessage, signal: AbortSignal): { method: string; run: () => Promise<unknown> } {
    const { reader } = message;
    const id = reader.u32();
    const scope = this.#scope(reader.u32());
    const method = reader.string();
    let args: unknown;
    let refused: { error: unknown } | undefined;
    try {
      args = message.value();
    } catch (error) {
      refused = { error };
    }
    // At once, so that calls keep the order they were made in.
    const run = async () => {
      if (refused !== undefined) throw refused.error;
      const handle = this.#hooks.exports.find(id);
      return await kindOf(handle)!.call(handle, scope, method, args as unknown[], signal);
    };
    return { method, run };
  }

  async #answer(call: number, run: () => Promise<unknown>): Promise<void> {
    let kind: number = VALUE;
    let value: unknown;
    try {
      value = await run();
    } catch (error) {
      kind = ERROR;
      value = error;
    }
    if (isHeld(value)) {
      if (this.#gone) return value.release();
      this.#held.set(call, value);
      return this.#hooks.send((writer) => {
        const record = writer.record(op.REPLY);
        record.u32(call), record.u8(PERMIT);
      });
    }
    if (this.#gone) return;
    const packet = this.#encode(kind, value);
    this.#hooks.send((writer) => {
      const record = writer.record(op.REPLY);
      record.u32(call), record.u8(kind);
      writer.value(packet);
    });
  }

  #encode(kind: number, value: unknown): Packet {
    const { encoder } = this.#hooks;
    if (kind === ERROR) return encoder.encodeError(value);
    try {
      return encoder.encode(value, "result");
    } catch (error) {
      return encoder.encodeError(error);
    }
  }

  #scope(number: number): object {
    let scope = this.#scopes.get(number);
    if (scope === undefined) this.#scopes.set(number, scope = {});
    return scope;
  }
}

function isHeld(value: unknown): value is Held {
  return typeof value === "object" && value !== null && "release" in value && Symbol.dispose in value;
}
