/**
 * Opens TCP connections under a throttle.
 *
 * @module
 */

import { checkInteger, show } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { runtime } from "../runtime/mod.ts";
import type { Duplex, SocketOptions } from "../runtime/types.ts";
import type { Gate } from "./gate.ts";
import { TURN_NAMES, type TurnOptions } from "./options.ts";

const CONNECT = "Cannot connect as";

/** The address of a connection, and the options of its permit. */
export interface ConnectOptions extends TurnOptions {
  /** A host name or an IP address. */
  hostname: string;
  /** The port. */
  port: number;
  /** Whether to use TLS, or the options of `tls.connect` in `node:tls`. */
  tls?: boolean | Record<string, unknown> | undefined;
}

const OPTIONS: OptionNames<ConnectOptions> = optionNames<ConnectOptions>({
  ...TURN_NAMES,
  hostname: true,
  port: true,
  tls: true,
});

/** A connection: a `Duplex` of `node:stream` that is closed when it is disposed. */
export type Connected = Duplex & AsyncDisposable;

/** Opens a connection with a permit, which is held until the connection is closed. */
export async function connectUnder(gate: Gate, options: ConnectOptions): Promise<Connected> {
  const { hostname, port, tls = false, ...turnOptions } = checkOptions(
    `${CONNECT} 'options'`,
    options,
    OPTIONS,
  );
  if (typeof hostname !== "string" || hostname === "") {
    throw new TypeError(`${CONNECT} 'hostname' must be a name or an address: current value is ${show(hostname)}`);
  }
  checkInteger(`${CONNECT} 'port'`, port, 1, 65_535);
  if (typeof tls !== "boolean" && (typeof tls !== "object" || tls === null)) {
    throw new TypeError(`${CONNECT} 'tls' must be true, false or options: current value is ${show(tls)}`);
  }
  const key = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  const { signal } = turnOptions;
  const turn = await gate.call(gate.newTurn({ key, ...turnOptions }));
  const start = gate.now();
  try {
    signal?.throwIfAborted();
    const socket = await open({ hostname, port, tls }, signal, () => turn.release());
    turn.duration = gate.now() - start;
    gate.settle(turn);
    return socket;
  } catch (error) {
    turn.outcome = signal?.aborted ? "unknown" : "failed";
    if (!signal?.aborted) gate.settle(turn, error);
    turn.release();
    throw error;
  }
}

/** @param closed called when the connection is closed, even if it was never open. */
function open(options: SocketOptions, signal: AbortSignal | undefined, closed: () => void): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      socket.destroy();
      reject(signal!.reason);
    };
    const socket = runtime.connect(options, (error) => {
      signal?.removeEventListener("abort", abort);
      if (error !== undefined) reject(error);
      else resolve(disposable(socket));
    });
    signal?.addEventListener("abort", abort, { once: true });
    socket.once("close", () => {
      signal?.removeEventListener("abort", abort);
      closed();
    });
  });
}

/** Makes disposal close the connection. On some hosts the streams' own disposal ends in an error. */
function disposable(socket: Duplex): Connected {
  const dispose = () =>
    new Promise<void>((resolve) => {
      if (socket.closed) return resolve();
      socket.once("close", () => resolve());
      socket.destroy();
    });
  return Object.defineProperty(socket, Symbol.asyncDispose, { value: dispose, configurable: true }) as Connected;
}
