/**
 * The way from a worker process to the objects of its pool.
 *
 * @module
 */

import type { HandleKind } from "../wire/handles.ts";
import * as op from "../wire/message.ts";
import type { IncomingMessage, MessageWriter } from "../wire/message.ts";
import type { Packet } from "../wire/encoder.ts";
import { PERMIT, type Reference, type References, type RemoteLink, VALUE } from "../wire/references.ts";
import { Refusal } from "../wire/refusal.ts";

/** What it needs of the worker. */
export interface OwnerHooks {
  /** Sends records at once. */
  send(write: (writer: MessageWriter) => void): void;
  encode(args: unknown[]): Packet;
}

/** A call that has not been answered. */
interface Pending {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** Calls methods of objects that live in the process of the pool. */
export class Owner implements References {
  readonly #hooks: OwnerHooks;
  readonly #calls = new Map<number, Pending>();
  readonly #known = new Map<number, WeakRef<object>>();
  readonly #ids = new WeakMap<object, number>();
  #latest = 0;

  constructor(hooks: OwnerHooks) {
    this.#hooks = hooks;
  }

  /** An object can go back to where it lives. */
  refer(handle: object, { name }: HandleKind): Reference {
    const id = this.#ids.get(handle);
    if (id === undefined) throw new Refusal(`a ${name} that was made in a worker process cannot leave it`);
    return { yours: true, id };
  }

  /** The same object for the same one of the pool. */
  resolve(kind: HandleKind<never>, { yours, id }: Reference, data: unknown): object {
    if (yours) throw new RangeError("Cannot receive an object that the pool says is ours");
    const before = this.#known.get(id)?.deref();
    if (before !== undefined) return before;
    const handle: object = kind.remote(this.#link(id), data as never);
    this.#known.set(id, new WeakRef(handle));
    this.#ids.set(handle, id);
    return handle;
  }

  /** Takes the answer to a call. */
  reply(message: IncomingMessage): void {
    const { reader } = message;
    const call = reader.u32();
    const kind = reader.u8();
    const pending = this.#calls.get(call);
    this.#calls.delete(call);
    if (kind === PERMIT) {
      const permit = new RemotePermit(() => this.#giveBack(call));
      // Whoever asked has gone.
      if (pending === undefined) permit.release();
      else pending.resolve(permit);
      return;
    }
    const value = message.value();
    if (kind === VALUE) pending?.resolve(value);
    else pending?.reject(value);
  }

  #link(id: number): RemoteLink {
    return {
      call: (method, args, { scope, signal }) => {
        if (signal?.aborted) return Promise.reject(signal.reason);
        return this.#call(id, method, args, scope, signal);
      },
      post: (method, args, scope) => {
        const packet = this.#hooks.encode(args);
        this.#hooks.send((writer) => {
          const record = writer.record(op.POST);
          record.u32(id), record.u32(scope), record.string(method);
          writer.value(packet);
        });
      },
    };
  }

  #call(id: number, method: string, args: unknown[], scope: number, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const packet = this.#hooks.encode(args);
      const call = this.#latest = (this.#latest + 1) >>> 0;
      const abort = () => {
        this.#calls.delete(call);
        this.#hooks.send((writer) => void writer.record(op.CANCEL).u32(call));
        reject(signal!.reason);
      };
      const end = () => signal?.removeEventListener("abort", abort);
      this.#calls.set(call, {
        resolve: (value) => (end(), resolve(value)),
        reject: (reason) => (end(), reject(reason)),
      });
      signal?.addEventListener("abort", abort, { once: true });
      this.#hooks.send((writer) => {
        const record = writer.record(op.REQUEST);
        record.u32(call), record.u32(id), record.u32(scope), record.string(method);
        writer.value(packet);
      });
    });
  }

  #giveBack(call: number): void {
    this.#hooks.send((writer) => void writer.record(op.GIVE_BACK).u32(call));
  }
}

/** What a call has acquired; it stays with the pool. */
class RemotePermit {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  release(): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
