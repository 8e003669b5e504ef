/**
 * The worker's client of remote objects: calls methods of objects that live in the pool.
 *
 * @module
 */

import type { HandleKind, RemoteLink } from "../wire/handles.ts";
import * as op from "../wire/message.ts";
import type { IncomingMessage, MessageWriter } from "../wire/message.ts";
import type { Packet } from "../wire/out_of_band.ts";
import type { ReadValue } from "./call_inbox.ts";
import { ERROR, PERMIT, type Reference, type Referrer, type Resolver } from "../wire/references.ts";
import { Refusal } from "../wire/refusal.ts";
import { detach } from "../wire/transfer.ts";

/** The functions of the worker that the client needs. */
export interface RemoteObjectClientHooks {
  /** Sends records at once. */
  send(write: (writer: MessageWriter) => void): void;
  encode(args: unknown[]): Packet;
}

/** A call without an answer yet. */
interface Pending {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** A proxy of an object of the pool. */
interface Known {
  readonly handle: WeakRef<object>;
  /** The latest reference to the object that arrived. */
  ticket: number;
}

/** Calls methods of objects that live in the pool. */
export class RemoteObjectClient implements Referrer, Resolver {
  readonly #hooks: RemoteObjectClientHooks;
  readonly #calls = new Map<number, Pending>();
  readonly #known = new Map<number, Known>();
  readonly #ids = new WeakMap<object, number>();
  readonly #collected = new FinalizationRegistry<number>((id) => this.#forget(id));
  #latest = 0;

  constructor(hooks: RemoteObjectClientHooks) {
    this.#hooks = hooks;
  }

  /** Refers to an object of the pool. Objects made in a worker cannot leave it. */
  refer(handle: object, { name }: HandleKind): Reference {
    const id = this.#ids.get(handle);
    if (id === undefined) throw new Refusal(`a ${name} that was made in a worker cannot leave it`);
    return { yours: true, id, ticket: 0 };
  }

  /** Returns the proxy of an object of the pool: the same one as long as it is alive. */
  resolve(kind: HandleKind<never>, { yours, id, ticket }: Reference, data: unknown): object {
    if (yours) throw new RangeError("Cannot receive an object: the pool refers to one of this worker");
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

  /** Settles a call with its answer; `read` reads the next value. */
  reply(message: IncomingMessage, read: () => ReadValue): void {
    const { reader } = message;
    const call = reader.u32();
    const kind = reader.u8();
    const { value, error }: ReadValue = kind === PERMIT
      ? { value: new RemotePermit(() => this.#giveBack(call)) }
      : read();
    const pending = this.#calls.get(call);
    if (pending === undefined) throw new RangeError(`Cannot read an answer: there is no such call (call is ${call})`);
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

  /**
   * Calls a method. An abort only asks the pool to stop the call; the pool's answer decides. Otherwise a permit
   * acquired by then would be lost.
   */
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

  /** Tells the pool that this worker no longer uses an object, unless a new proxy was made meanwhile. */
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

/** A permit that a call has acquired; the resource stays in the pool. */
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
