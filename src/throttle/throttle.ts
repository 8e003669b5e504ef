/**
 * Limits for connections and other calls.
 *
 * @module
 */

import { checkDuration, checkFunction, show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkWait, NO_LIMITS, type WaitOptions } from "../core/wait_options.ts";
import type { Clock } from "../core/wait_queue.ts";
import type { IncomingMessage, ServerResponse } from "../runtime/types.ts";
import type { Permit } from "../sync/permit.ts";
import { BodyPermits } from "./body_permits.ts";
import { BreakerEvent } from "./breaker_event.ts";
import { type Connected, type ConnectOptions, connectUnder } from "./connect.ts";
import { type FetchInput, type FetchOptions, fetchUnder } from "./fetch.ts";
import { Gate } from "./gate.ts";
import { type HandlerOptions, type RequestHandler, throttledHandler } from "./handler.ts";
import { type NodeResponse, throttledNodeHandler } from "./node_handler.ts";
import { checkLimit, checkThrottle, checkTurn, type ThrottleOptions, type TurnOptions } from "./options.ts";
import type { KeyStats, ThrottleStats } from "./stats.ts";
import { Turn } from "./key.ts";

/** Puts another clock into a throttle that is new. */
export let useClock: (throttle: Throttle, clock: Clock) => void;

/** The signal of work that no caller can abort. */
const NEVER = new AbortController().signal;
/** The events of breakers. */
const EVENTS = { open: "open", "half-open": "halfopen", closed: "close" } as const;

/**
 * Limits connections, or any other calls: how many at once, how many of each key, and how many start in an interval. Callers beyond
 * that wait, and are rejected when the queue is full.
 *
 * A throttle keeps no program alive whose work is done; a program with waiting callers does not end. Code that runs under a throttle and
 * waits for the same throttle may wait for ever: use throttles of their own for parts of one piece of work, or `weight`.
 *
 * **Order.** Higher `priority` first; then the key with the fewest permits in use, so that one key with a thousand waiting callers does
 * not delay another's first; then first come, first served. A large `weight` that is next is not overtaken. A caller that waits for the
 * rate or the pause of its key delays no caller of another key. **Cancellation.** A wait that ends early takes no permit, no part of a
 * rate, and leaves nothing behind. **Cost.** O(1), whatever the number of waiting callers. A key that is not in use is forgotten when
 * its windows are over.
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
 * const throttle = new Throttle({ limit: 10, perKey: { limit: 2, rate: { limit: 1, interval: 1_000 } } });
 * async function title(url: string): Promise<string | undefined> {
 *   const response = await throttle.fetch(url); // waits for its host
 *   return /<title>(.*?)</.exec(await response.text())?.[1]; // gives the permit back
 * }
 * assertEquals(await title("data:text/html,<title>Hello</title>"), "Hello");
 * ```
 *
 * @example Stop calling what fails
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { RejectedError, Throttle } from "@heddle/heddle/throttle";
 *
 * const throttle = new Throttle({ breaker: { failureRate: 0.5, window: 10_000, minCalls: 2, cooldown: 5_000 } });
 * const events: string[] = [];
 * throttle.addEventListener("open", ({ detail }) => events.push(`${detail.key} fails`));
 * for (let i = 0; i < 2; i++) {
 *   await assertRejects(() => throttle.run(() => Promise.reject(new Error("down")), { key: "a" }), Error, "down");
 * }
 * const error = await assertRejects(() => throttle.run(() => "up", { key: "a" }), RejectedError);
 * assertEquals([events, error.retryAfter! > 4_000], [["a fails"], true]);
 * assertEquals(await throttle.run(() => "up", { key: "b" }), "up");
 * ```
 */
export class Throttle extends EventTarget implements Disposable {
  #gate: Gate;
  #bodies: BodyPermits;

  static {
    useClock = (throttle, clock) => {
      throttle.#gate = throttle.#open(new Gate(throttle.#gate.settings, clock));
      throttle.#bodies = new BodyPermits(throttle.#gate);
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
    super();
    this.#gate = this.#open(new Gate(checkThrottle(options)));
    this.#bodies = new BodyPermits(this.#gate);
  }

  /** How many permits may be in use at once. */
  get limit(): number {
    return this.#gate.limit;
  }

  /**
   * Sets the limit: a higher one admits waiting callers at once, a lower one takes effect as permits come back. Callers that wait for
   * more than the limit are rejected with a `RangeError`. A limit that was `"auto"` no longer adjusts itself.
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

  /** How many callers wait for a permit. */
  get waiting(): number {
    return this.#gate.waiting;
  }

  /**
   * Waits for a permit.
   *
   * @param options for whom and how much, and the limits of the wait.
   * @returns the permit, which gives back what was taken.
   * @throws {TimeoutError} if no permit is free in time.
   * @throws {RejectedError} if the queue is full, or the throttle is closed meanwhile.
   * @throws {CancelledError} if the throttle is cleared meanwhile.
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
   * @throws {RejectedError} if the breaker of the key is open, or half-open with as many calls as it admits.
   * @throws what `acquire` rejects with, or what the function throws.
   */
  run<T>(fn: (signal: AbortSignal) => T, options?: TurnOptions): Promise<Awaited<T>> {
    // Neither `async` nor a closure: while thousands wait, each of them would keep half as much again in memory.
    try {
      checkFunction("Cannot run as 'fn'", fn);
      const turn = this.#gate.ask(options);
      turn.work = fn;
      const taken = this.#gate.call(turn);
      return (taken instanceof Turn ? this.#run(taken) : taken.then(this.#run)) as Promise<Awaited<T>>;
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
   * `response.body?.cancel()`: a body that no caller has begun to read for ten seconds counts in `stats().unread`. Redirects belong
   * to the request, clones to their response. A response without a body gives the permit back at once.
   *
   * A response with status 429 or 503 and `Retry-After` pauses its key until then, for up to `maxPause`. So does `RateLimit-Reset` or
   * `X-RateLimit-Reset` in any response with `RateLimit-Remaining` or `X-RateLimit-Remaining` 0, and in one with status 429 that
   * says nothing of what remains. Seconds count from now, dates against the `Date` of the response. A time in the past and one that
   * cannot be read pause nothing.
   *
   * With `retry` a request that fails is sent again, after a delay during which it holds no permit. Each attempt waits for a permit, the
   * rate and the breaker as a new call does; one that is rejected ends the retries. A request is not sent again if its body is a
   * stream, if a pause that the server asks for is longer than `maxPause`, or if its method is not idempotent and there is no `retryIf`.
   * The last response is returned, or the last error thrown.
   *
   * **Cancellation.** The signal of the request ends its wait in line, the request, and a delay between attempts.
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
    return fetchUnder(this.#gate, this.#bodies, input, init, options);
  }

  /**
   * Opens a TCP connection with a permit, which is held until the connection is closed, on either side. By default its key is the
   * host's name and port.
   *
   * **Cancellation.** The signal ends the wait in line and the attempt to connect; it does not close an open connection.
   *
   * @returns a `Duplex` of `node:stream`, on all runtimes.
   * @throws what `acquire` rejects with, or the error of the connection.
   * @throws {TypeError | RangeError} if the host or the port is not valid.
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
   * Makes a handler for `Deno.serve`, `Bun.serve` and their like, whose requests wait for a permit. When the queue is full, or no permit
   * is free in time, a request is answered with 503 and a `Retry-After` in whole seconds. A client that disconnects leaves the line. A
   * response that streams holds its permit until it is sent. A response that upgrades to a WebSocket gives it back at once, as only the
   * server has the connection then; to hold a permit while the socket is open, take one in the handler:
   * `throttle.run(() => new Promise((resolve) => socket.addEventListener("close", resolve)))`, with a throttle of its own.
   *
   * @typeParam Rest what else the server calls its handler with.
   *
   * @example Reject requests beyond capacity
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

  /**
   * Holds back starts, of one key or of all. Running calls go on; waiting callers keep their place, their `timeout` and their part of
   * `queueLimit`. Of several pauses of a key the latest end counts.
   *
   * @param key the key to pause; all keys if left out.
   * @param duration in milliseconds; until `resume` if left out.
   */
  pause(key?: string, duration: number = Infinity): void {
    checkKey("Cannot pause", key);
    checkDuration("Cannot pause as 'duration'", duration);
    const paused = key === undefined ? undefined : this.#gate.keyOf(key);
    this.#gate.pacing.pause(paused, duration);
  }

  /** Ends the pause of a key, and without a key all pauses. A key stays paused while `pause()` holds for all. */
  resume(key?: string): void {
    checkKey("Cannot resume", key);
    this.#gate.resume(key);
  }

  /**
   * Waits until no permit is in use and no caller waits.
   *
   * @throws {TimeoutError} if that takes too long.
   * @throws the signal's reason if it is aborted.
   */
  async idle(options?: WaitOptions): Promise<void> {
    await this.#gate.idle(checkWait("Cannot wait until the throttle is idle", options));
  }

  /** Rejects all waiting callers with a `CancelledError`, those between two attempts of `fetch` included. Running calls go on. */
  clear(): void {
    this.#gate.clear();
  }

  /** Returns what it has done so far, and the permits and callers of now. */
  stats(): ThrottleStats {
    const { limit, done, shed, waits, asking, pacing } = this.#gate;
    const keys = new Map<string, KeyStats>();
    for (const key of this.#gate.keys) {
      const { name, active, waiting, done, shed } = key;
      const paused = pacing.pausedFor(key);
      const breaker = key.breaker?.state ?? "closed";
      if (!key.busy && done + shed === 0 && paused === 0 && breaker === "closed") continue;
      const asks = asking?.key.name === name;
      keys.set(name, {
        active: asks ? active - asking.count : active,
        waiting: asks ? waiting + 1 : waiting,
        done,
        shed,
        paused,
        breaker,
      });
    }
    return {
      limit,
      active: this.active,
      waiting: this.waiting,
      done,
      shed,
      paused: pacing.pausedFor(undefined),
      unread: this.#bodies.unread,
      waitTime: waits.summary(),
      keys,
    };
  }

  /** As of every event target, for the events of breakers. */
  override addEventListener(
    type: "open" | "halfopen" | "close",
    listener: ((event: BreakerEvent) => void) | { handleEvent(event: BreakerEvent): void } | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void {
    super.addEventListener(type, listener as Parameters<EventTarget["addEventListener"]>[1], options);
  }

  /** As of every event target. */
  override removeEventListener(
    type: "open" | "halfopen" | "close",
    listener: ((event: BreakerEvent) => void) | { handleEvent(event: BreakerEvent): void } | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void {
    super.removeEventListener(type, listener as Parameters<EventTarget["removeEventListener"]>[1], options);
  }

  /**
   * Ends the throttle: running work goes on, waiting callers are rejected with a `RejectedError`, and later ones with an
   * `InvalidStateError`. Closing twice is harmless.
   */
  close(): void {
    this.#gate.close();
  }

  /** Closes. */
  [Symbol.dispose](): void {
    this.close();
  }

  #open(gate: Gate): Gate {
    gate.onBreaker = (key, state) => void this.dispatchEvent(new BreakerEvent(EVENTS[state], key));
    return gate;
  }

  /** Runs what a permit was asked for, and gives the permit back. */
  readonly #run = async (turn: Turn): Promise<unknown> => {
    const signal = signalOf(turn);
    const fn = turn.work!;
    try {
      signal?.throwIfAborted();
      // Most functions ignore the signal, and to make one costs more than all the rest.
      const result = await fn(signal ?? (fn.length === 0 ? NEVER : new AbortController().signal));
      this.#gate.settle(turn);
      return result;
    } catch (error) {
      turn.outcome = signal?.aborted ? "unknown" : "failed";
      if (!signal?.aborted) this.#gate.settle(turn, error);
      throw error;
    } finally {
      turn.release();
    }
  };
}

/** Fires when the caller aborts, and when a permit of other machines is lost. */
function signalOf({ limits: { signal }, shared }: Turn): AbortSignal | undefined {
  const lost = (shared as { readonly signal?: AbortSignal } | undefined)?.signal;
  if (lost === undefined) return signal;
  return signal === undefined ? lost : AbortSignal.any([signal, lost]);
}

function checkKey(what: string, key: unknown): void {
  if (key === undefined || typeof key === "string") return;
  throw new TypeError(`${what} as 'key' must be a string: current value is ${show(key)}`);
}
