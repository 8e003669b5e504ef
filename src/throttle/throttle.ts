/**
 * The class `Throttle`.
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

/** Replaces the clock of a new throttle, for tests. */
export let useClock: (throttle: Throttle, clock: Clock) => void;

/** The signal of calls that cannot be aborted. */
const NEVER = new AbortController().signal;
/** The event type for each state of a breaker. */
const EVENTS = { open: "open", "half-open": "halfopen", closed: "close" } as const;

/**
 * Limits connections or any other calls: how many run at once, how many of each key, and how many start per interval.
 * Callers beyond the limit wait; callers beyond `queueLimit` are rejected.
 *
 * An idle throttle does not keep the program alive; waiting callers do. Code that holds a permit and waits for another
 * permit of the same throttle can deadlock: use a separate throttle for nested calls, or one permit with a larger
 * `weight`.
 *
 * **Order.** Callers with a higher `priority` are served first, then callers whose key has the fewest permits in use,
 * then first come, first served. A key with a thousand waiting callers therefore does not delay the first caller of
 * another key. A caller with a large `weight` that is next is not overtaken. A caller that waits for the rate or the
 * pause of its key delays no caller of another key. **Cancellation.** A wait that times out or is aborted takes no
 * permit and no part of a rate. **Cost.** O(1), regardless of the number of waiting callers. An unused key is forgotten
 * when its windows are over.
 *
 * @example Run at most two calls at a time
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
 * @example Crawl with a limit per host
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Throttle } from "@heddle/heddle/throttle";
 *
 * const throttle = new Throttle({ limit: 10, perKey: { limit: 2, rate: { limit: 1, interval: 1_000 } } });
 * async function title(url: string): Promise<string | undefined> {
 *   const response = await throttle.fetch(url); // waits for a permit of its host
 *   return /<title>(.*?)</.exec(await response.text())?.[1]; // releases the permit
 * }
 * assertEquals(await title("data:text/html,<title>Hello</title>"), "Hello");
 * ```
 *
 * @example Stop calling a failing service
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
   * Creates a throttle.
   *
   * @throws {RangeError} if a limit is not an integer of at least 1.
   * @throws {TypeError} if an option has the wrong type, or no limit is given.
   */
  constructor(options: ThrottleOptions) {
    super();
    this.#gate = this.#open(new Gate(checkThrottle(options)));
    this.#bodies = new BodyPermits(this.#gate);
  }

  /** The maximum number of permits in use. */
  get limit(): number {
    return this.#gate.limit;
  }

  /**
   * Sets the limit. A higher limit admits waiting callers at once; a lower one takes effect as permits are released.
   * Callers that wait for more permits than the limit are rejected with a `RangeError`. A limit that was `"auto"` is
   * fixed from then on.
   *
   * @throws {RangeError} if the limit is neither an integer of at least 1 nor Infinity.
   */
  set limit(limit: number) {
    this.#gate.limit = checkLimit("Cannot set 'limit' of a throttle as it", limit);
  }

  /** The number of permits in use. */
  get active(): number {
    return this.#gate.active - (this.#gate.atSemaphore?.count ?? 0);
  }

  /** The number of callers waiting for a permit. */
  get waiting(): number {
    return this.#gate.waiting;
  }

  /**
   * Waits for a permit.
   *
   * @param options the key, priority and weight of the permit, and the limits of the wait.
   * @returns the permit; release it after use.
   * @throws {TimeoutError} if no permit becomes free in time.
   * @throws {RejectedError} if the queue is full, or the throttle is closed during the wait.
   * @throws {CancelledError} if the throttle is cleared during the wait.
   * @throws {RangeError} if the weight is above the limit.
   * @throws {InvalidStateError} if the throttle is closed.
   * @throws the signal's reason if it is aborted.
   */
  async acquire(options?: TurnOptions): Promise<Permit> {
    return await this.#gate.take(options);
  }

  /**
   * Runs a function with a permit, and releases the permit when the function returns, throws or its promise settles.
   *
   * The function receives the signal of the options, so that it can stop early. `timeout` limits only the wait for the
   * permit.
   *
   * @typeParam T the type of the function's result.
   * @throws {RejectedError} if the breaker of the key is open, or half-open with `probes` calls in progress.
   * @throws any error of `acquire` or of the function.
   */
  run<T>(fn: (signal: AbortSignal) => T, options?: TurnOptions): Promise<Awaited<T>> {
    // Neither `async` nor a closure: either would need half as much memory again for each waiting caller.
    try {
      checkFunction("Cannot run as 'fn'", fn);
      const turn = this.#gate.newTurn(options);
      turn.work = fn;
      const taken = this.#gate.call(turn);
      return (taken instanceof Turn ? this.#run(taken) : taken.then(this.#run)) as Promise<Awaited<T>>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Returns a function that runs each of its calls with a permit.
   *
   * @typeParam A the types of the function's arguments.
   * @typeParam R the type of the function's result.
   * @throws {TypeError} if `fn` is not a function.
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
   * Sends a request with a permit. The default key is the host of the URL.
   *
   * The permit is held until the body of the response is read to the end, is cancelled, fails or is collected. Read
   * each body, or call `response.body?.cancel()`: a body that is still unread after ten seconds is counted in
   * `stats().unread`. Redirects use the permit of their request, clones that of their response. A response without a
   * body releases the permit at once.
   *
   * A response with status 429 or 503 and `Retry-After` pauses its key until then, for up to `maxPause`. So does
   * `RateLimit-Reset` or `X-RateLimit-Reset` in any response with `RateLimit-Remaining` or `X-RateLimit-Remaining` 0,
   * and in a 429 response without either header. Seconds count from now; dates are compared with the `Date` of the
   * response. A time that is past or malformed is ignored.
   *
   * With `retry` a failed request is sent again, after a delay during which it holds no permit. Each attempt waits for
   * a permit, the rate and the breaker like a new call; a rejected attempt ends the retries. A request is not sent
   * again if its body is a stream, if the server asks for a pause longer than `maxPause`, or if its method is not
   * idempotent and `retryIf` is not given. The call returns the last response, or throws the last error.
   *
   * **Cancellation.** The signal of the request ends the wait for a permit, the request itself, and a delay between
   * attempts.
   *
   * @param options the key, priority and weight of the permit, and the time limit of the wait.
   * @throws any error of `acquire` or of the global `fetch`.
   *
   * @example Fetch at most ten files at a time
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
   * Opens a TCP connection with a permit, which is held until either side closes the connection. The default key is the
   * host name and port.
   *
   * **Cancellation.** The signal ends the wait for a permit and the attempt to connect; it does not close an open
   * connection.
   *
   * @returns a `Duplex` of `node:stream`, on all runtimes.
   * @throws any error of `acquire`, or the error of the connection.
   * @throws {TypeError | RangeError} if the host or the port is not valid.
   *
   * @example Read from a TCP server
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
   * Wraps a handler of `Deno.serve`, `Bun.serve` or a similar server: each request waits for a permit. If the queue is
   * full or no permit becomes free in time, the request is answered with 503 and a `Retry-After` in whole seconds. A
   * client that disconnects leaves the queue. A streaming response holds its permit until it is sent. A response that
   * upgrades to a WebSocket releases its permit at once, as only the server has the connection from then on. To hold a
   * permit while the socket is open, acquire one from a second throttle in the handler: `sockets.run(() => new
   * Promise((resolve) => socket.addEventListener("close", resolve)))`.
   *
   * @typeParam Rest the types of the further arguments that the server passes to its handler.
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
   * Wraps a request listener of `createServer` in `node:http`; otherwise like `handler`. The permit is held until the
   * response is sent or the connection is lost.
   *
   * @typeParam Q the type of the request.
   * @typeParam S the type of the response.
   *
   * @example Serve at most five requests at once
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
   * Stops admitting callers, of one key or of all. Running calls continue. Waiting callers keep their place, their
   * `timeout` and their part of `queueLimit`. If a key is paused several times, the latest end applies.
   *
   * @param key the key to pause; all keys by default.
   * @param duration the duration in milliseconds; until `resume` by default.
   */
  pause(key?: string, duration: number = Infinity): void {
    checkKey("Cannot pause", key);
    checkDuration("Cannot pause as 'duration'", duration);
    const paused = key === undefined ? undefined : this.#gate.keyOf(key);
    this.#gate.pacing.pause(paused, duration);
  }

  /** Ends the pause of a key, or without a key all pauses. `resume(key)` does not end a pause of all keys. */
  resume(key?: string): void {
    checkKey("Cannot resume", key);
    this.#gate.resume(key);
  }

  /**
   * Waits until no permit is in use and no caller is waiting.
   *
   * @throws {TimeoutError} if the timeout expires first.
   * @throws the signal's reason if it is aborted.
   */
  async idle(options?: WaitOptions): Promise<void> {
    await this.#gate.idle(checkWait("Cannot wait until the throttle is idle", options));
  }

  /**
   * Rejects all waiting callers with a `CancelledError`, including calls of `fetch` between two attempts. Running calls
   * continue.
   */
  clear(): void {
    this.#gate.clear();
  }

  /** Returns the current and cumulative counts, in total and for each key. */
  stats(): ThrottleStats {
    const { limit, done, shed, waits, atSemaphore, pacing } = this.#gate;
    const keys = new Map<string, KeyStats>();
    for (const key of this.#gate.keys) {
      const { name, active, waiting, done, shed } = key;
      const paused = pacing.pausedFor(key);
      const breaker = key.breaker?.state ?? "closed";
      if (!key.busy && done + shed === 0 && paused === 0 && breaker === "closed") continue;
      const waitsAtSemaphore = atSemaphore?.key.name === name;
      keys.set(name, {
        active: waitsAtSemaphore ? active - atSemaphore.count : active,
        waiting: waitsAtSemaphore ? waiting + 1 : waiting,
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

  /** Adds a listener for the events of breakers. */
  override addEventListener(
    type: "open" | "halfopen" | "close",
    listener: ((event: BreakerEvent) => void) | { handleEvent(event: BreakerEvent): void } | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void {
    super.addEventListener(type, listener as Parameters<EventTarget["addEventListener"]>[1], options);
  }

  /** Removes a listener. */
  override removeEventListener(
    type: "open" | "halfopen" | "close",
    listener: ((event: BreakerEvent) => void) | { handleEvent(event: BreakerEvent): void } | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void {
    super.removeEventListener(type, listener as Parameters<EventTarget["removeEventListener"]>[1], options);
  }

  /**
   * Closes the throttle. Running calls continue, waiting callers are rejected with a `RejectedError`, and later callers
   * with an `InvalidStateError`. Closing twice has no effect.
   */
  close(): void {
    this.#gate.close();
  }

  /** Closes the throttle. */
  [Symbol.dispose](): void {
    this.close();
  }

  #open(gate: Gate): Gate {
    gate.onBreaker = (key, state) => void this.dispatchEvent(new BreakerEvent(EVENTS[state], key));
    return gate;
  }

  /** Runs the function of a granted turn and releases its permit. */
  readonly #run = async (turn: Turn): Promise<unknown> => {
    const signal = signalOf(turn);
    const fn = turn.work!;
    try {
      signal?.throwIfAborted();
      // Most functions ignore the signal, and creating one costs more than the rest of the call.
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

/** The signal that fires when the caller aborts, or when the lease of a cluster permit is lost. */
function signalOf({ limits: { signal }, shared }: Turn): AbortSignal | undefined {
  const lost = (shared as { readonly signal?: AbortSignal } | undefined)?.signal;
  if (lost === undefined) return signal;
  return signal === undefined ? lost : AbortSignal.any([signal, lost]);
}

function checkKey(what: string, key: unknown): void {
  if (key === undefined || typeof key === "string") return;
  throw new TypeError(`${what} as 'key' must be a string: current value is ${show(key)}`);
}
