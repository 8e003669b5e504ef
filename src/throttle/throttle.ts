/**
 * Keeps work in bounds.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { NO_LIMITS } from "../core/wait_options.ts";
import type { Clock } from "../core/wait_queue.ts";
import type { IncomingMessage, ServerResponse } from "../runtime/types.ts";
import type { Permit } from "../sync/permit.ts";
import { type Connected, type ConnectOptions, connectUnder } from "./connect.ts";
import { type FetchInput, type FetchOptions, fetchUnder } from "./fetch.ts";
import { Gate } from "./gate.ts";
import { type HandlerOptions, type RequestHandler, throttledHandler } from "./handler.ts";
import { Holds } from "./holds.ts";
import { type NodeResponse, throttledNodeHandler } from "./node_handler.ts";
import { checkLimit, checkThrottle, checkTurn, type ThrottleOptions, type TurnOptions } from "./options.ts";
import type { KeyStats, ThrottleStats } from "./stats.ts";
import { Turn } from "./turn.ts";

/** Puts another clock into a throttle that is new. */
export let useClock: (throttle: Throttle, clock: Clock) => void;

/** The signal of work that nobody can abort. */
const NEVER = new AbortController().signal;

/**
 * Keeps connections, or any other work, in bounds: so many at once, so many for each key, so many in a time. Who comes when
 * there is no room waits, and is turned away when too many do.
 *
 * A throttle keeps no program alive whose work is done; one that has callers waiting does not end. Work that waits for the
 * throttle it runs under may wait for ever: give parts of one piece of work throttles of their own, or `weight`.
 *
 * **Order.** Higher `priority` first; then the key that has least in use, so that one key with a thousand waiting does not
 * delay another's first; then first come, first served. A large `weight` that is next is not overtaken. **Cancellation.** A
 * wait that ends early takes no permit, no part of the rate, and leaves nothing behind. **Cost.** O(1), whatever the number of
 * those who wait.
 *
 * @example Never more than two at a time
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Throttle } from "@heddle/heddle/throttle";
 *
 * const throttle = new Throttle({ limit: 2 });
 * let inside = 0, most = 0;
 * const visit = () =>
 *   throttle.run(async () => {
 *     most = Math.max(most, ++inside);
 *     await null;
 *     inside--;
 *   });
 * await Promise.all([visit(), visit(), visit(), visit()]);
 * assertEquals(most, 2);
 * assertEquals(throttle.stats().done, 4);
 * ```
 *
 * @example A crawler that is polite to each host
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Throttle } from "@heddle/heddle/throttle";
 *
 * const throttle = new Throttle({ limit: 10, perKey: 2, rate: { limit: 50, interval: 1_000 } });
 * async function title(url: string): Promise<string | undefined> {
 *   const response = await throttle.fetch(url); // waits for its host
 *   return /<title>(.*?)</.exec(await response.text())?.[1]; // gives the permit back
 * }
 * assertEquals(await title("data:text/html,<title>Hello</title>"), "Hello");
 * ```
 */
export class Throttle implements Disposable {
  #gate: Gate;
  #holds: Holds;

  static {
    useClock = (throttle, clock) => {
      throttle.#gate = new Gate(throttle.#gate.settings, clock);
      throttle.#holds = new Holds(throttle.#gate);
    };
    printsAs(this, "Throttle", ["limit", "active", "waiting"]);
  }

  /**
   * Makes a throttle.
   *
   * @throws {RangeError} if a limit is not an integer of at least 1.
   * @throws {TypeError} if an option is of the wrong kind, or nothing is limited.
   */
  constructor(options: ThrottleOptions) {
    this.#gate = new Gate(checkThrottle(options));
    this.#holds = new Holds(this.#gate);
  }

  /** How many permits may be in use at once. */
  get limit(): number {
    return this.#gate.limit;
  }

  /**
   * Sets the limit: raised it lets those who wait go on at once, lowered it has effect as permits come back. Who waits for more
   * than the limit is then turned away with a `RangeError`. A limit that was `"auto"` is that no more.
   *
   * @throws {RangeError} if it is not an integer of at least 1, or Infinity.
   */
  set limit(limit: number) {
    this.#gate.limit = checkLimit("Cannot set 'limit' of a throttle as it", limit);
  }

  /** How many permits are in use. */
  get active(): number {
    return this.#gate.active - (this.#gate.asking?.count ?? 0);
  }

  /** How many callers wait. */
  get waiting(): number {
    return this.#gate.waiting;
  }

  /**
   * Waits for a permit.
   *
   * @param options for whom and how much, and the limits of the wait.
   * @returns the permit, which gives back what was taken.
   * @throws {TimeoutError} if there is no room in time.
   * @throws {RejectedError} if as many wait as may, or the throttle is closed meanwhile.
   * @throws {RangeError} if the weight is above the limit.
   * @throws {InvalidStateError} if the throttle is closed.
   * @throws the signal's reason if it is aborted.
   */
  async acquire(options?: TurnOptions): Promise<Permit> {
    return await this.#gate.take(options);
  }

  /**
   * Runs a function while it has a permit, and gives it back however the function ends.
   *
   * The function is given the signal of the options, so that it can end early too. `timeout` limits the wait in line alone.
   *
   * @typeParam T what the function returns.
   * @throws what `acquire` rejects with, or what the function throws.
   */
  run<T>(fn: (signal: AbortSignal) => T, options?: TurnOptions): Promise<Awaited<T>> {
    // Neither `async` nor a closure: while thousands wait, each of them would keep half as much again in memory.
    try {
      checkFunction("Cannot run as 'fn'", fn);
      const turn = this.#gate.ask(options);
      turn.work = fn;
      const taken = this.#gate.enter(turn);
      return (taken instanceof Turn ? runUnder(taken) : taken.then(runUnder)) as Promise<Awaited<T>>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Makes a function whose every call runs under the throttle.
   *
   * @typeParam A the arguments of the function.
   * @typeParam R what it returns.
   * @throws {TypeError} if `fn` is no function.
   */
  wrap<A extends unknown[], R>(fn: (...args: A) => R, options?: TurnOptions): (...args: A) => Promise<Awaited<R>> {
    checkFunction("Cannot wrap as 'fn'", fn);
    if (options !== undefined) checkTurn("Cannot wrap", options, NO_LIMITS);
    const run = (call: () => R): Promise<Awaited<R>> => this.run(call, options);
    return function (this: unknown, ...args: A): Promise<Awaited<R>> {
      return run(() => fn.apply(this, args));
    };
  }

  /**
   * Fetches with a permit, by default under the host's name as key.
   *
   * The permit is held until the body of the response is read to the end, cancelled, fails or is collected, so read it or call
   * `response.body?.cancel()`: one that nobody has begun to read for ten seconds counts in `stats().unread`. Redirects belong to
   * the request, clones to their response. A response without a body gives the permit back at once.
   *
   * **Cancellation.** The signal of the request ends its wait in line, and later the request.
   *
   * @param options key, priority, weight, and how long to wait in line.
   * @throws what `acquire` or `fetch` rejects with.
   *
   * @example Read a file, ten at a time
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { Throttle } from "@heddle/heddle/throttle";
   *
   * const throttle = new Throttle({ limit: 10 });
   * const response = await throttle.fetch("data:text/plain,hello");
   * assertEquals(throttle.active, 1);
   * assertEquals(await response.text(), "hello");
   * assertEquals(throttle.active, 0);
   * ```
   */
  fetch(input: FetchInput, init?: RequestInit, options?: FetchOptions): Promise<Response> {
    return fetchUnder(this.#gate, this.#holds, input, init, options);
  }

  /**
   * Opens a TCP connection with a permit, which is held until the connection is closed, whoever closes it. By default its key
   * is the host's name and port.
   *
   * **Cancellation.** The signal ends the wait in line and the attempt to connect; an open connection it leaves alone.
   *
   * @returns a `Duplex` of `node:stream`, on all runtimes.
   * @throws what `acquire` rejects with, or why there is no connection.
   * @throws {TypeError | RangeError} if there can be no such host or port.
   *
   * @example Ask a server
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { once } from "node:events";
   * import { type AddressInfo, createServer } from "node:net";
   * import { Throttle } from "@heddle/heddle/throttle";
   *
   * const server = createServer((socket) => void socket.end("hello")).listen(0, "127.0.0.1");
   * await once(server, "listening");
   * const throttle = new Throttle({ limit: 5, perKey: 2 });
   * const { port } = server.address() as AddressInfo;
   * let text = "";
   * const socket = await throttle.connect({ hostname: "127.0.0.1", port });
   * for await (const chunk of socket) text += chunk;
   * assertEquals(text, "hello");
   * server.close();
   * ```
   */
  connect(options: ConnectOptions): Promise<Connected> {
    return connectUnder(this.#gate, options);
  }

  /**
   * Makes a handler for `Deno.serve`, `Bun.serve` and their like, whose requests wait for their turn. One for which there is no
   * place in the queue, or no turn in time, is answered with 503 and a `Retry-After` in whole seconds. A client that goes away
   * leaves the line. A response that streams holds its permit until it is sent. One that upgrades to a WebSocket gives it back at
   * once, as the server alone has the connection then; to hold a permit while the socket is open, take one in the handler:
   * `throttle.run(() => new Promise((resolve) => socket.addEventListener("close", resolve)))`, with a throttle of its own.
   *
   * @typeParam Rest what else the server calls its handler with.
   *
   * @example Turn away whom there is no room for
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { Throttle } from "@heddle/heddle/throttle";
   *
   * const throttle = new Throttle({ limit: 100, queueLimit: 200, timeout: 5_000 });
   * const serve = throttle.handler((request) => new Response(`You asked for ${request.url}`));
   * // Deno.serve(serve), or Bun.serve({ fetch: serve })
   * const response = await serve(new Request("http://localhost/a"));
   * assertEquals(await response.text(), "You asked for http://localhost/a");
   * ```
   */
  handler<Rest extends unknown[]>(
    handler: RequestHandler<Rest, Response | Promise<Response>>,
    options?: HandlerOptions<Request>,
  ): RequestHandler<Rest, Response | Promise<Response>> {
    return throttledHandler(this.#gate, handler, options);
  }

  /**
   * Makes a listener for `createServer` of `node:http`; otherwise as `handler`. The permit is held until the response is sent
   * or the connection lost.
   *
   * @typeParam Q the request.
   * @typeParam S the response.
   *
   * @example A server that serves five at once
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { once } from "node:events";
   * import { createServer } from "node:http";
   * import type { AddressInfo } from "node:net";
   * import { Throttle } from "@heddle/heddle/throttle";
   *
   * const throttle = new Throttle({ limit: 5, queueLimit: 10 });
   * const server = createServer(throttle.nodeHandler((_request, response) => response.end("hello")));
   * server.listen(0, "127.0.0.1");
   * await once(server, "listening");
   * const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
   * assertEquals(await response.text(), "hello");
   * server.close();
   * server.closeAllConnections();
   * ```
   */
  nodeHandler<Q = IncomingMessage, S extends NodeResponse = ServerResponse>(
    handler: (request: Q, response: S) => unknown,
    options?: HandlerOptions<Q>,
  ): (request: Q, response: S) => void {
    return throttledNodeHandler(this.#gate, handler, options);
  }

  /** Returns what it has done so far, and who is there now. */
  stats(): ThrottleStats {
    const { limit, done, shed, waits, asking } = this.#gate;
    const keys = new Map<string, KeyStats>();
    for (const key of this.#gate.keys) {
      const { name, active, waiting, done, shed } = key;
      if (!key.busy && done + shed === 0) continue;
      const asks = asking?.key.name === name;
      keys.set(name, {
        active: asks ? active - asking.count : active,
        waiting: asks ? waiting + 1 : waiting,
        done,
        shed,
      });
    }
    return {
      limit,
      active: this.active,
      waiting: this.waiting,
      done,
      shed,
      unread: this.#holds.unread,
      waitTime: waits.summary(),
      keys,
    };
  }

  /**
   * Ends the throttle: work that has a permit goes on, who waits is rejected with a `RejectedError`, and who comes later with
   * an `InvalidStateError`. Closing twice is harmless.
   */
  close(): void {
    this.#gate.close();
  }

  /** Closes. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Runs what a permit was asked for, and gives it back. */
async function runUnder(turn: Turn): Promise<unknown> {
  const signal = signalOf(turn);
  const fn = turn.work!;
  try {
    signal?.throwIfAborted();
    // Most functions do not look at it, and a signal costs more than all the rest.
    return await fn(signal ?? (fn.length === 0 ? NEVER : new AbortController().signal));
  } catch (error) {
    turn.outcome = signal?.aborted ? "unknown" : "failed";
    throw error;
  } finally {
    turn.release();
  }
}

/** Fires when the caller gives up, and when a permit of other machines is lost. */
function signalOf({ limits: { signal }, shared }: Turn): AbortSignal | undefined {
  const lost = (shared as { readonly signal?: AbortSignal } | undefined)?.signal;
  if (lost === undefined) return signal;
  return signal === undefined ? lost : AbortSignal.any([signal, lost]);
}
