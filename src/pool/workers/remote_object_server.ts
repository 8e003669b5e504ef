/**
 * The remote object server: serves objects of this side to one worker.
 *
 * @module
 */

import { type Client, type HandleKind, kindOf, type Scope } from "../../wire/handles.ts";
import type { Packet } from "../../wire/out_of_band.ts";
import type { ValueEncoder } from "../../wire/encoder.ts";
import * as op from "../../wire/message.ts";
import { type IncomingMessage, MalformedMessage, type MessageWriter } from "../../wire/message.ts";
import { detach } from "../../wire/transfer.ts";
import { ERROR, type Lent, PERMIT, type Reference, type Resolver, VALUE } from "../../wire/references.ts";

/** The functions of the pool that the server needs. */
export interface RemoteObjectServerHooks {
  /** Sends records to the worker at once. */
  send(write: (writer: MessageWriter) => void): void;
  readonly encoder: ValueEncoder;
  /** Reports the failure of a call whose answer is not awaited. */
  fault(error: unknown): void;
}

/** A call of the worker. */
interface Request {
  readonly method: string;
  run(): Promise<unknown>;
  /** The answer cannot be sent: puts back what the call took. */
  takeBack(answer: unknown): void;
}

/** An acquired object that stays here on behalf of the worker. */
interface Held {
  release(): void;
  abandon?(): void;
}

/** Runs the calls of one worker, keeps the objects that they acquire, and cleans up when the worker is gone. */
export class RemoteObjectServer implements Client, Resolver {
  readonly #hooks: RemoteObjectServerHooks;
  /** The objects that the worker has references to. */
  readonly #lent = new Map<number, Lent>();
  readonly #calls = new Map<number, { method: string; controller: AbortController; ended: Promise<void> }>();
  readonly #held = new Map<number, Held>();
  readonly #scopes = new Map<number, Scope>();
  readonly #whenGone: ((died: boolean) => void)[] = [];
  #gone = false;

  constructor(hooks: RemoteObjectServerHooks) {
    this.#hooks = hooks;
  }

  /** Registers references before they are sent to the worker. */
  give(lent: readonly Lent[]): void {
    for (const each of lent) {
      const known = this.#lent.get(each.id);
      // The object is sent again with a retried task, so a later release cannot be assigned to one of the two
      // references.
      this.#lent.set(each.id, known?.ticket === each.ticket ? { ...each, ticket: NaN } : each);
      if (known === undefined) each.kind.given?.(each.handle, this);
    }
  }

  onGone(fn: (died: boolean) => void): void {
    this.#whenGone.push(fn);
  }

  resolve(_kind: HandleKind<never>, { yours, id }: Reference): object {
    if (!yours) throw new RangeError("Cannot receive an object that lives in a worker");
    return this.#find(id);
  }

  /** Handles a record of the worker. */
  take(operation: number, message: IncomingMessage): void {
    const { reader } = message;
    switch (operation) {
      case op.REQUEST: {
        const call = reader.u32();
        // Otherwise the answers of both calls would be confused, and one of the calls could never be stopped.
        if (this.#calls.has(call) || this.#held.has(call)) throw new MalformedMessage("Cannot read a call twice");
        const controller = new AbortController();
        const run = this.#reader(message, controller.signal);
        const ended = this.#answer(call, run).finally(() => this.#calls.delete(call));
        this.#calls.set(call, { method: run.method, controller, ended });
        return;
      }
      case op.POST: {
        const { run } = this.#reader(message, new AbortController().signal);
        return void run().catch((error) => this.#hooks.fault(error));
      }
      case op.CANCEL:
        return this.#calls.get(reader.u32())?.controller.abort();
      case op.FORGET: {
        const id = reader.u32();
        // If another reference is on its way, the worker still uses the object.
        const lent = this.#lent.get(id);
        if (lent === undefined || reader.u32() !== lent.ticket) return;
        this.#lent.delete(id);
        return lent.kind.returned?.(lent.handle, this, false);
      }
      case op.GIVE_BACK: {
        const call = reader.u32();
        const held = this.#held.get(call);
        if (held === undefined) throw new MalformedMessage("Cannot give back what a call has not acquired");
        this.#held.delete(call);
        return held.release();
      }
      default:
        throw new MalformedMessage(`Cannot read an operation of kind ${operation}`);
    }
  }

  /** Cleans up after the worker: its waits end, and its permits are released or abandoned. */
  async end(died: boolean): Promise<void> {
    this.#gone = true;
    const calls = [...this.#calls.values()];
    // A worker that waits for a condition is about to take its lock again, and has left nothing half done.
    const waited = calls.some(({ method }) => method === "wait");
    for (const { controller } of calls) controller.abort();
    if (waited) await Promise.all(calls.map(({ ended }) => ended));
    for (const held of this.#held.values()) waited ? held.release() : (held.abandon ?? held.release).call(held);
    this.#held.clear();
    for (const fn of this.#whenGone) fn(died);
    for (const { kind, handle } of this.#lent.values()) kind.returned?.(handle, this, true);
    this.#lent.clear();
  }

  /** Reads a call. */
  #reader(message: IncomingMessage, signal: AbortSignal): Request {
    const { reader } = message;
    const id = reader.u32();
    const scope = this.#scope(reader.u32());
    const method = reader.string();
    let args: unknown;
    let refused: { error: unknown } | undefined;
    try {
      args = message.value();
    } catch (error) {
      if (error instanceof MalformedMessage) throw error;
      refused = { error };
    }
    let handle: object | undefined;
    // Started at once, so that calls keep their order.
    const run = async () => {
      if (refused !== undefined) throw refused.error;
      handle = this.#find(id);
      return await kindOf(handle)!.call(handle, scope, method, args as unknown[], signal);
    };
    const takeBack = (answer: unknown) => {
      if (handle === undefined) return;
      kindOf(handle)!.takeBack?.(handle, scope, method, args as unknown[], answer);
    };
    return { method, run, takeBack };
  }

  async #answer(call: number, { run, takeBack }: Request): Promise<void> {
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
    if (this.#gone) {
      // The worker has ended in the turn in which its call has succeeded.
      if (kind === VALUE) takeBack(value);
      return;
    }
    let packet: Packet | undefined;
    if (kind === VALUE) {
      try {
        packet = this.#hooks.encoder.encode(value, "result");
        detach(packet.moved, packet.attachments);
      } catch (error) {
        takeBack(value);
        kind = ERROR;
        value = error;
      }
    }
    packet ??= this.#hooks.encoder.encodeError(value);
    this.#hooks.send((writer) => {
      const record = writer.record(op.REPLY);
      record.u32(call), record.u8(kind);
      writer.value(packet);
    });
  }

  #find(id: number): object {
    const found = this.#lent.get(id);
    if (found === undefined) throw new RangeError(`Cannot find the object ${id} that a worker refers to`);
    return found.handle;
  }

  #scope(number: number): Scope {
    let scope = this.#scopes.get(number);
    if (scope === undefined) this.#scopes.set(number, scope = { client: this });
    return scope;
  }
}

function isHeld(value: unknown): value is Held {
  return typeof value === "object" && value !== null && "release" in value && Symbol.dispose in value;
}
