/**
 * One end of a pipe.
 *
 * @module
 */

import { Handover } from "../core/handover.ts";
import { show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions } from "../core/options.ts";
import { InvalidStateError } from "../core/errors.ts";
import { checkWait, WAIT_OPTIONS, type WaitOptions } from "../core/wait_options.ts";
import { type Client, registerKind, type RemoteLink } from "../wire/handles.ts";
import { copyValue } from "../wire/one_loop.ts";
import { ConnectionInbox } from "./connection_inbox.ts";

/** Implementation of a pipe end: local, or a proxy for the owner's. */
interface End {
  send(value: unknown): Promise<void> | void;
  /** Sends a value that needs no copy, because no other code holds it. */
  deliver(value: unknown): Promise<void> | void;
  recv(options: WaitOptions | undefined): Promise<unknown>;
  /** Puts back a received value that cannot be sent on. */
  putBack(value: unknown): void;
  poll(options: WaitOptions): Promise<boolean>;
  close(): void;
}

/** The directions of an end, which another worker receives. */
interface Ways {
  readonly readable: boolean;
  readonly writable: boolean;
}

/** The parts of the connection under construction. */
const pending = new Handover<{ readonly end: End; readonly ways: Ways }>();

/** Creates both ends. */
export let makePipe: <A, B>(duplex: boolean) => [Connection<A, B>, Connection<B, A>];

/**
 * One end of a pipe: values sent at one end are received at the other, in order.
 *
 * Either end can be an argument of a task, a `Thread` or a `Process`; the worker that created the pipe relays the
 * values. An end that was passed on closes when the last worker that received it has ended. Values are copied, also
 * within one loop. A pipe is unbounded: use a `Queue` with a `maxSize` if a sender must not run ahead.
 *
 * **Order.** First sent, first received; receivers at one end are served first come, first served. **Cancellation.** A
 * wait that ends early takes no value. **Cost.** One copy, and one message per worker on the way.
 *
 * @typeParam S the type of the values sent at this end.
 * @typeParam R the type of the values received at this end.
 *
 * @example Send and receive
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pipe } from "@heddle/heddle/process";
 *
 * const [here, there] = pipe<string, number>();
 * await here.send("twelve");
 * await there.send((await there.recv()).length);
 * assertEquals(await here.recv(), 6);
 * here.close();
 * assertEquals(await there.poll(), true); // recv() would reject immediately
 * ```
 */
export class Connection<S = unknown, R = S> implements AsyncIterable<R>, Disposable {
  readonly #end: End;
  readonly #ways: Ways;
  /** The workers that received this end. */
  readonly #holders = new Set<Client>();
  #closed = false;

  static {
    const make = <S, R>(end: End, ways: Ways) => pending.give({ end, ways }, () => new Connection<S, R>());
    makePipe = <A, B>(duplex: boolean) => {
      const [one, two] = [new ConnectionInbox(), new ConnectionInbox()];
      return [
        make<A, B>(endOf(one, two), { readable: true, writable: duplex }),
        make<B, A>(endOf(two, one), { readable: duplex, writable: true }),
      ];
    };
    registerKind<Connection<unknown, unknown>>(this.prototype, {
      name: "Connection",
      module: import.meta.url,
      describe: (connection) => connection.#ways,
      remote: (link, ways: Ways) => make(remoteEnd(link), ways),
      call: (connection, _scope, method, args, signal) => connection.#serve(method, args, signal),
      takeBack: (connection, _scope, method, _args, value) => {
        if (method === "recv") connection.#end.putBack(value);
      },
      given: (connection, client) => void connection.#holders.add(client),
      returned: (connection, client, gone) => {
        connection.#holders.delete(client);
        if (gone && connection.#holders.size === 0) connection.close();
      },
    });
    printsAs(this, "Connection", ["readable", "writable", "closed"]);
  }

  /**
   * For internal use: `pipe()` creates both ends.
   *
   * @throws {TypeError} always.
   */
  constructor() {
    const parts = pending.take();
    if (parts === undefined) throw new TypeError("Cannot make a Connection: call pipe() instead");
    this.#end = parts.end;
    this.#ways = parts.ways;
  }

  /** Whether this end can receive. */
  get readable(): boolean {
    return this.#ways.readable;
  }

  /** Whether this end can send. */
  get writable(): boolean {
    return this.#ways.writable;
  }

  /** Whether this end was closed by `close` in this worker. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Sends a value to the other end. Resolves when the worker that created the pipe has received the value.
   *
   * @throws {DOMException} a DataCloneError with the path of the value that cannot travel.
   * @throws {InvalidStateError} if either end is closed, or this end only receives.
   */
  async send(value: S): Promise<void> {
    this.#require("send", this.writable);
    await this.#end.send(value);
  }

  /**
   * Receives the next value. Waits while there is none.
   *
   * @throws {TimeoutError} if no value arrives in time.
   * @throws {InvalidStateError} if the other end is closed and all its values have been received, also during the wait;
   * or if this end is closed or only sends.
   * @throws the signal's reason if the signal is aborted.
   */
  async recv(options?: WaitOptions): Promise<R> {
    this.#require("receive", this.readable);
    checkWait("Cannot receive", options);
    return await this.#end.recv(options) as R;
  }

  /**
   * Returns whether `recv` would settle immediately: with a value, or with an error because the other end is closed.
   *
   * @param options the limits of the wait for a value; by default `poll` does not wait.
   * @throws {InvalidStateError} if this end is closed or only sends.
   * @throws the signal's reason if the signal is aborted.
   */
  async poll(options: WaitOptions = {}): Promise<boolean> {
    this.#require("poll", this.readable);
    const { timeout = 0, signal } = checkOptions("Cannot poll as 'options'", options, WAIT_OPTIONS);
    checkWait("Cannot poll", { timeout, signal });
    return await this.#end.poll({ timeout, signal });
  }

  /** Closes this end. The other end can still receive what was sent before. Repeated calls are harmless. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end.close();
  }

  /** Receives values until the other end is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    this.#require("receive", this.readable);
    for (;;) {
      let value: R;
      try {
        value = await this.recv();
      } catch (error) {
        if (error instanceof InvalidStateError) return;
        throw error;
      }
      yield value;
    }
  }

  /** Closes this end. */
  [Symbol.dispose](): void {
    this.close();
  }

  #require(what: string, able: boolean): void {
    if (this.#closed) throw new InvalidStateError(`Cannot ${what}: this end of the pipe is closed`);
    if (able) return;
    throw new InvalidStateError(
      `Cannot ${what}: this end of the pipe only ${this.writable ? "sends" : "receives"}`,
    );
  }

  /** Serves a call of another worker. */
  #serve(method: string, [first]: unknown[], signal: AbortSignal): unknown {
    switch (method) {
      case "send":
        this.#require("send", this.writable);
        return this.#end.deliver(first);
      case "recv":
        return this.recv({ ...first as WaitOptions, signal });
      case "poll":
        return this.poll({ ...first as WaitOptions, signal });
      case "close":
        return this.close();
      default:
        throw new TypeError(`Cannot call ${show(method)} of a pipe`);
    }
  }
}

/** A local end, which receives from `own` and sends to `other`. */
function endOf(own: ConnectionInbox, other: ConnectionInbox): End {
  const deliver = (value: unknown) => other.put(value);
  return {
    send: (value) => deliver(copyValue(value, "args[0]")),
    deliver,
    recv: (options) => own.take(checkWait("Cannot receive", options)),
    putBack: (value) => own.putBack(value),
    poll: (options) => own.poll(checkWait("Cannot poll", options)),
    close: () => {
      own.close("this");
      other.close("other");
    },
  };
}

/** A proxy for an end in the worker that created the pipe. */
function remoteEnd(link: RemoteLink): End {
  const call = async <T>(method: string, { signal, ...limits }: WaitOptions = {}) =>
    await link.call(method, [limits], { scope: 0, signal }) as T;
  const send = async (value: unknown) => void await link.call("send", [value], { scope: 0 });
  return {
    send,
    deliver: send,
    recv: (options) => call("recv", options),
    // Only the owner of a pipe receives on behalf of other workers.
    putBack: () => {},
    poll: (options) => call<boolean>("poll", options),
    close: () => link.post("close", [], 0),
  };
}
