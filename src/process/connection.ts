/**
 * One end of a pipe.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions } from "../core/options.ts";
import { InvalidStateError } from "../core/errors.ts";
import { checkWait, WAIT_OPTIONS, type WaitOptions } from "../core/wait_options.ts";
import { type Client, registerKind } from "../wire/handles.ts";
import { copyValue } from "../wire/one_loop.ts";
import type { RemoteLink } from "../wire/references.ts";
import { Inbox } from "./inbox.ts";

/** What an end is behind its face: here, or with the one who made the pipe. */
interface End {
  send(value: unknown): Promise<void> | void;
  /** Sends a value that nobody else has. */
  deliver(value: unknown): Promise<void> | void;
  recv(options: WaitOptions | undefined): Promise<unknown>;
  /** Puts back a value that was received and cannot be sent on. */
  putBack(value: unknown): void;
  poll(options: WaitOptions): Promise<boolean>;
  close(): void;
}

/** What another worker needs to know of an end. */
interface Ways {
  readonly readable: boolean;
  readonly writable: boolean;
}

/** Makes both ends. */
export let makePipe: <A, B>(duplex: boolean) => [Connection<A, B>, Connection<B, A>];

/**
 * One end of a pipe: what is sent at it is received at the other one, in order.
 *
 * Either end may be an argument of a task, a `Thread` or a `Process`; where the pipe was made stays in between. An end that
 * was passed on closes when the last worker that was given it is gone. Values are copied as on the way to a worker, in one loop
 * too. There is always room: use a `Queue` with a limit where a sender must not run ahead.
 *
 * **Order.** First sent, first received; those who wait at one end are served first come, first served. **Cancellation.** A
 * wait that ends early takes nothing. **Cost.** A copy, and a message to each worker on the way.
 *
 * @typeParam S what is sent here.
 * @typeParam R what is received here.
 *
 * @example There and back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pipe } from "@heddle/heddle/process";
 *
 * const [here, there] = pipe<string, number>();
 * await here.send("twelve");
 * await there.send((await there.recv()).length);
 * assertEquals(await here.recv(), 6);
 * here.close();
 * assertEquals(await there.poll(), true); // that it is closed is something to hear
 * ```
 */
export class Connection<S = unknown, R = S> implements AsyncIterable<R>, Disposable {
  readonly #end: End;
  readonly #ways: Ways;
  /** The workers that were given it. */
  readonly #holders = new Set<Client>();
  #closed = false;

  static {
    const make = <S, R>(end: End, ways: Ways) => {
      pending = { end, ways };
      return new Connection<S, R>();
    };
    makePipe = <A, B>(duplex: boolean) => {
      const [one, two] = [new Inbox(), new Inbox()];
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
   * Is not for users: `pipe()` makes both ends.
   *
   * @throws {TypeError} always.
   */
  constructor() {
    if (pending === undefined) throw new TypeError("Cannot make a Connection: pipe() makes both ends of one");
    this.#end = pending.end;
    this.#ways = pending.ways;
    pending = undefined;
  }

  /** Whether anything can be received here. */
  get readable(): boolean {
    return this.#ways.readable;
  }

  /** Whether anything can be sent here. */
  get writable(): boolean {
    return this.#ways.writable;
  }

  /** Whether this end was closed here. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Sends a value to the other end. Resolves when the one who made the pipe has it.
   *
   * @throws {DOMException} a DataCloneError naming the path of what cannot travel.
   * @throws {InvalidStateError} if this end or the other one is closed, or this one only receives.
   */
  async send(value: S): Promise<void> {
    this.#require("send", this.writable);
    await this.#end.send(value);
  }

  /**
   * Receives the next value; waits while there is none.
   *
   * @throws {TimeoutError} if there is none in time.
   * @throws {InvalidStateError} if the other end is closed and all it sent was received, or is closed meanwhile; if this end is
   * closed or only sends.
   * @throws the signal's reason if it is aborted.
   */
  async recv(options?: WaitOptions): Promise<R> {
    this.#require("receive", this.readable);
    checkWait("Cannot receive", options);
    return await this.#end.recv(options) as R;
  }

  /**
   * Tells whether `recv` would have an answer at once, be it that the other end is closed.
   *
   * @param options how long to wait for one: by default not at all.
   * @throws {InvalidStateError} if this end is closed or only sends.
   * @throws the signal's reason if it is aborted.
   */
  async poll(options: WaitOptions = {}): Promise<boolean> {
    this.#require("poll", this.readable);
    const { timeout = 0, signal } = checkOptions("Cannot poll as 'options'", options, WAIT_OPTIONS);
    checkWait("Cannot poll", { timeout, signal });
    return await this.#end.poll({ timeout, signal });
  }

  /** Closes this end: the other one can receive what was sent, and nothing after it. Closing twice is harmless. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end.close();
  }

  /** Receives value after value until the other end is closed. */
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
    if (this.#closed) throw new InvalidStateError(`Cannot ${what} at an end of a pipe that is closed`);
    if (able) return;
    throw new InvalidStateError(
      `Cannot ${what} at this end of a pipe: it only ${this.writable ? "sends" : "receives"}`,
    );
  }

  /** Does what another worker asks for. */
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

/** What the next connection is made of. */
let pending: { readonly end: End; readonly ways: Ways } | undefined;

/** An end whose values come to `own`, and go to `other`. */
function endOf(own: Inbox, other: Inbox): End {
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

/** An end that is with the one who made the pipe. */
function remoteEnd(link: RemoteLink): End {
  const call = async <T>(method: string, { signal, ...limits }: WaitOptions = {}) =>
    await link.call(method, [limits], { scope: 0, signal }) as T;
  const send = async (value: unknown) => void await link.call("send", [value], { scope: 0 });
  return {
    send,
    deliver: send,
    recv: (options) => call("recv", options),
    // Only the owner of a pipe receives for others.
    putBack: () => {},
    poll: (options) => call<boolean>("poll", options),
    close: () => link.post("close", [], 0),
  };
}
