/**
 * Requests that come in, under a throttle: for servers as in `node:http`.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import type { Gate } from "./gate.ts";
import { type HandlerOptions, isRejection, turnOptions } from "./handler.ts";
import { Turn } from "./key.ts";

/** The part of a `ServerResponse` that a throttle needs. */
export interface NodeResponse {
  /** Calls back once. */
  once(event: "close" | "finish", fn: () => void): unknown;
  /** Forgets a callback. */
  off(event: "close" | "finish", fn: () => void): unknown;
  /** Sends the head. */
  writeHead(status: number, headers: Record<string, string>): unknown;
  /** Ends it. */
  end(): unknown;
  /** Whether nothing more can be sent. */
  readonly destroyed: boolean;
}

/** Makes a listener for requests that waits for a permit. */
export function throttledNodeHandler<Q, S extends NodeResponse>(
  gate: Gate,
  handler: (request: Q, response: S) => unknown,
  options: HandlerOptions<Q> = {},
): (request: Q, response: S) => void {
  checkFunction("Cannot make a handler as 'handler'", handler);
  const optionsOf = turnOptions(options);
  gate.timed = true;

  /** A failing handler is the server's concern, as without a throttle: it throws, or its promise rejects. */
  function serve(turn: Turn, request: Q, response: S): unknown {
    const release = () => turn.release();
    response.once("finish", release);
    response.once("close", release);
    try {
      const result = handler(request, response);
      if (typeof (result as Promise<unknown> | undefined)?.then !== "function") return;
      return (result as Promise<unknown>).then(undefined, (error) => fail(turn, error));
    } catch (error) {
      return fail(turn, error);
    }
  }

  return (request, response) => {
    let leave: (() => void) | undefined;
    const signal = () => {
      const controller = new AbortController();
      leave = () => controller.abort();
      response.once("close", leave);
      return controller.signal;
    };
    try {
      const taken = gate.enter(gate.ask(optionsOf?.(request)), true, signal);
      if (taken instanceof Turn) return void serve(taken, request, response);
      void taken.then((turn) => {
        if (leave !== undefined) response.off("close", leave);
        return serve(turn, request, response);
      }, (error) => refuse(gate, error, response));
    } catch (error) {
      refuse(gate, error, response);
    }
  };
}

function refuse(gate: Gate, error: unknown, response: NodeResponse): void {
  if (response.destroyed) return;
  if (!isRejection(error)) throw error;
  response.writeHead(503, { "retry-after": String(gate.retryAfter()) });
  response.end();
}

function fail(turn: Turn, error: unknown): never {
  turn.outcome = "failed";
  turn.release();
  throw error;
}
