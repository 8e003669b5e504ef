/**
 * Connections, and any other work, kept in bounds: per key and in all, at once and in a time.
 *
 * @module
 */

export { InvalidStateError, RejectedError, TimeoutError } from "../core/errors.ts";
export type { Summary } from "../core/histogram.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export type { Permit } from "../sync/permit.ts";
export type { AdaptiveBounds } from "./adaptive_limit.ts";
export type { Connected, ConnectOptions } from "./connect.ts";
export type { FetchInput, FetchOptions } from "./fetch.ts";
export type { HandlerOptions, RequestHandler } from "./handler.ts";
export type { NodeResponse } from "./node_handler.ts";
export type { PermitSource, ThrottleOptions, TurnOptions } from "./options.ts";
export type { RateOptions } from "./rate.ts";
export type { KeyStats, ThrottleStats } from "./stats.ts";
export { Throttle } from "./throttle.ts";
