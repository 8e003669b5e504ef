/**
 * Handlers under a throttle, for servers whose handler takes a `Request` and returns a `Response`.
 *
 * @module
 */

import { checkDuration, checkFunction } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { InvalidStateError, RejectedError, TimeoutError } from "../core/errors.ts";
import { runtime } from "../runtime/mod.ts";
import { startTimer } from "../time/system_clock.ts";
import type { Gate } from "./gate.ts";
import type { TurnOptions } from "./options.ts";
import { Turn } from "./key.ts";
import { watchStream } from "./watched_stream.ts";

/** The interval in milliseconds at which a streaming response is polled, on hosts that do not report its end. */
const POLL_INTERVAL = 10;

/** The options of a handler: the permits of its requests. */
export interface HandlerOptions<Q> {
  /** Returns the key of a request, such as its client. Keys share the permits fairly and have limits of their own. */
  key?: ((request: Q) => string) | undefined;
  /** Returns the priority of a request, higher first. */
  priority?: ((request: Q) => number) | undefined;
  /** The time in milliseconds for which a request waits for a permit before it is answered with 503. */
  timeout?: number | undefined;
}

// deno-lint-ignore no-explicit-any -- the names are the same for all requests
const OPTIONS: OptionNames<HandlerOptions<any>> = optionNames<HandlerOptions<any>>({
  key: true,
  priority: true,
  timeout: true,
});

/** A function that a server calls with a request and further arguments. */
export type RequestHandler<Rest extends unknown[], R> = (request: Request, ...rest: Rest) => R;

/** Returns a handler whose requests wait for a permit. */
export function throttledHandler<Rest extends unknown[]>(
  gate: Gate,
  handler: RequestHandler<Rest, Response | Promise<Response>>,
  options: HandlerOptions<Request> = {},
): RequestHandler<Rest, Response | Promise<Response>> {
  checkFunction("Cannot make a handler as 'handler'", handler);
  const optionsOf = turnOptions(options);
  gate.timed = true;

  function serve(turn: Turn, request: Request, rest: Rest): Response | Promise<Response> {
    try {
      const response = handler(request, ...rest);
      if (typeof (response as Promise<Response> | undefined)?.then !== "function") {
        return handOver(turn, response as Response, rest[0]);
      }
      return (response as Promise<Response>).then(
        (response) => handOver(turn, response, rest[0]),
        (error) => fail(turn, error),
      );
    } catch (error) {
      return fail(turn, error);
    }
  }

  return (request, ...rest) => {
    try {
      const taken = gate.enter(gate.newTurn(optionsOf?.(request)), true, () => request.signal);
      if (taken instanceof Turn) return serve(taken, request, rest);
      return taken.then(
        (turn) => serve(turn, request, rest),
        (error) => refuse(gate, error, request.signal),
      );
    } catch (error) {
      return refuse(gate, error);
    }
  };
}

/**
 * Checks the options of a handler. Returns a function from a request to its turn's options, or undefined if no option
 * is given.
 */
export function turnOptions<Q>(options: HandlerOptions<Q>): ((request: Q) => TurnOptions) | undefined {
  const { key, priority, timeout } = checkOptions(
    "Cannot make a handler as 'options'",
    options,
    OPTIONS,
  );
  if (key !== undefined) checkFunction("Cannot make a handler as 'key'", key);
  if (priority !== undefined) checkFunction("Cannot make a handler as 'priority'", priority);
  if (timeout !== undefined) checkDuration("Cannot make a handler as 'timeout'", timeout);
  if (key === undefined && priority === undefined && timeout === undefined) return undefined;
  return (request) => ({ key: key?.(request), priority: priority?.(request), timeout });
}

/** Whether the error means that a request was rejected or got no permit in time. */
export function isRejection(error: unknown): boolean {
  return error instanceof RejectedError || error instanceof TimeoutError || error instanceof InvalidStateError;
}

/** Returns the response to a rejected request, or throws any other error. */
function refuse(gate: Gate, error: unknown, signal?: AbortSignal): Response {
  // A disconnected client receives no response, so any response will do.
  if (!isRejection(error) && !signal?.aborted) throw error;
  return new Response(null, { status: 503, headers: { "retry-after": String(gate.retryAfter()) } });
}

function fail(turn: Turn, error: unknown): never {
  turn.outcome = "failed";
  turn.release();
  throw error;
}

/**
 * Passes the response to the server and releases the permit when the response is sent. A body that is not a stream
 * counts as sent at once.
 *
 * Wrapping the body of every response in a watched stream is tempting. But a server sends a text or a file much faster
 * than a stream, and knows its type and length. So the body is wrapped only if the server does not report when a
 * response is sent.
 */
function handOver(turn: Turn, response: Response, context: unknown): Response {
  if (runtime.responseSent !== undefined && typeof (context as { fetch?: unknown } | undefined)?.fetch === "function") {
    releaseLater(turn, response);
    return response;
  }
  const completed = (context as { completed?: Promise<void> } | undefined)?.completed;
  const release = () => turn.release();
  if (typeof completed?.then === "function") {
    completed.then(release, release);
    return response;
  }
  if (!(response?.body instanceof ReadableStream)) {
    release();
    return response;
  }
  const body = watchStream(() => response.body, { begin: () => {}, end: release });
  return new Response(body, response);
}

/** The responses that were passed to the server in this turn of the event loop. */
let handedOver: { turn: Turn; response: Response }[] = [];

function releaseLater(turn: Turn, response: Response): void {
  if (handedOver.push({ turn, response }) > 1) return;
  runtime.defer(() => {
    const all = handedOver;
    handedOver = [];
    for (const { turn, response } of all) releaseOnceSent(turn, response);
  });
}

function releaseOnceSent(turn: Turn, response: Response): void {
  if (runtime.responseSent!(response)) turn.release();
  else startTimer(POLL_INTERVAL, () => releaseOnceSent(turn, response), { unref: true });
}
