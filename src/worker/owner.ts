/**
 * The way from a worker to the objects of its pool.
 *
 * @module
 */

import type { HandleKind } from "../wire/handles.ts";
import * as op from "../wire/message.ts";
import type { IncomingMessage, MessageWriter } from "../wire/message.ts";
import type { Packet } from "../wire/baggage.ts";
import type { ReadValue } from "./inbox.ts";
import { ERROR, PERMIT, type Reference, type Referrer, type RemoteLink, type Resolver } from "../wire/references.ts";
import { Refusal } from "../wire/refusal.ts";
import { detach } from "../wire/transfer.ts";

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

/** An object of the pool that is known here. */
interface Known {
  readonly handle: WeakRef<object>;
  /** The latest reference to it that came. */
  ticket: number;
}

/** Calls methods of objects that live with the pool. */
export class Owner implements Referrer, Resolver {
  readonly #hooks: OwnerHooks;
  readonly #calls = new Map<number, Pending>();
  readonly #known = new Map<number, Known>();
  readonly #ids = new WeakMap<object, number>();
  readonly #collected = new FinalizationRegistry<number>((id) => this.#forget(id));
  #latest = 0;

  constructor(hooks: OwnerHooks) {
    this.#hooks = hooks;
  }

  /** An object can go back to where it lives. */
  refer(handle: object, { name }: HandleKind): Reference {
    const id = this.#ids.get(handle);
    if (id === undefined) throw new Refusal(`a ${name} that was made in a worker cannot leave it`);
    return { yours: true, id, ticket: 0 };
  }

  /** The same object for the same one of the pool. */
  resolve(kind: HandleKind<never>, { yours, id, ticket }: Reference, data: unknown): object {
    if (yours) throw new RangeError("Cannot receive an object that the pool says is ours");
    const known = this.#known.get(id);
    const before = known?.handle.deref();
    if (before !== undefined) {
      known!.ticket = ticket;
      return before;
    }
    const handle: object = kind.remote(this.#link(id), data as never);
    this.#known.set(id, { handle: new WeakRef(handle), ticket });
    this.#ids.set(handle, id);
    this.#collected.register(handle, id);
    return handle;
  }

  /** Takes the answer to a call; `read` reads the next value. */
  reply(message: IncomingMessage, read: () => ReadValue): void {
    const { reader } = message;
    const call = reader.u32();
    const kind = reader.u8();
    const { value, error }: ReadValue = kind === PERMIT
      ? { value: new RemotePermit(() => this.#giveBack(call)) }
      : read();
    const pending = this.#calls.get(call);
    if (pending === undefined) throw new RangeError("Cannot read an answer to a call that was not made");
    this.#calls.delete(call);
    if (error !== undefined || kind === ERROR) pending.reject(error ?? value);
    else pending.resolve(value);
  }

  #link(id: number): RemoteLink {
    return {
      call: (method, args, { scope, signal }) => {
        if (signal?.aborted) return Promise.reject(signal.reason);
        return this.#call(id, method, args, scope, signal);
      },
      post: (method, args, scope) => {
        const packet = this.#encode(args);
        this.#hooks.send((writer) => {
          const record = writer.record(op.POST);
          record.u32(id), record.u32(scope), record.string(method);
          writer.value(packet);
        });
      },
    };
  }

  /** An abort asks the owner to stop, and its answer counts: what it has taken for the call by then must not be lost. */
  #call(id: number, method: string, args: unknown[], scope: number, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const packet = this.#encode(args);
      const call = this.#latest = (this.#latest + 1) >>> 0;
      const abort = () => this.#hooks.send((writer) => void writer.record(op.CANCEL).u32(call));
      const end = () => signal?.removeEventListener("abort", abort);
      this.#calls.set(call, {
        resolve: (value) => (end(), resolve(value)),
        reject: (reason) => (end(), reject(signal?.aborted ? signal.reason : reason)),
      });
      signal?.addEventListener("abort", abort, { once: true });
      this.#hooks.send((writer) => {
        const record = writer.record(op.REQUEST);
        record.u32(call), record.u32(id), record.u32(scope), record.string(method);
        writer.value(packet);
      });
    });
  }

  /** Nothing here uses the object any more, unless another one was made for it meanwhile. */
  #forget(id: number): void {
    const known = this.#known.get(id);
    if (known === undefined || known.handle.deref() !== undefined) return;
    this.#known.delete(id);
    this.#hooks.send((writer) => {
      const record = writer.record(op.FORGET);
      record.u32(id), record.u32(known.ticket);
    });
  }

  #encode(args: unknown[]): Packet {
    const packet = this.#hooks.encode(args);
    detach(packet.moved, packet.attachments);
    return packet;
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
