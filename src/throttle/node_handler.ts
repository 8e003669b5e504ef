/**
 * Request listeners under a throttle, for servers of `node:http`.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import type { Gate } from "./gate.ts";
import { type HandlerOptions, isRejection, turnOptions } from "./handler.ts";
import { Turn } from "./key.ts";

/** The part of a `ServerResponse` that a throttle needs. */
export interface NodeResponse {
  /** Adds a listener that is called once. */
  once(event: "close" | "finish", fn: () => void): unknown;
  /** Removes a listener. */
  off(event: "close" | "finish", fn: () => void): unknown;
  /** Sends the status and the headers. */
  writeHead(status: number, headers: Record<string, string>): unknown;
  /** Ends the response. */
  end(): unknown;
  /** Whether the connection is closed. */
  readonly destroyed: boolean;
}

/** Returns a request listener whose requests wait for a permit. */
export function throttledNodeHandler<Q, S extends NodeResponse>(
  gate: Gate,
  handler: (request: Q, response: S) => unknown,
  options: HandlerOptions<Q> = {},
): (request: Q, response: S) => void {
  checkFunction("Cannot make a handler as 'handler'", handler);
  const optionsOf = turnOptions(options);
  gate.timed = true;

  /**
   * An error of the handler reaches the server as it would without a throttle: as an exception or an unhandled
   * rejection.
   */
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
      const taken = gate.enter(gate.newTurn(optionsOf?.(request)), true, signal);
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
