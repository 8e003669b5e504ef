/**
 * The error classes of this library.
 *
 * Every class has its name on its prototype. `error.name` is therefore correct even in minified code, and instances get
 * no own property for it.
 *
 * @module
 */

/** A wait exceeded its timeout. */
export class TimeoutError extends Error {
  static {
    named(this, "TimeoutError");
  }
}

/** The queue stayed empty until the timeout of a `get`. */
export class QueueEmptyError extends TimeoutError {
  static {
    named(this, "QueueEmptyError");
  }
}

/** Options of an error about an item that was not put. */
export interface PutErrorOptions extends ErrorOptions {
  /** The item that was not put. */
  value?: unknown;
}

/** The queue stayed full until the timeout of a `put`. */
export class QueueFullError extends TimeoutError {
  static {
    named(this, "QueueFullError");
  }
  /** The item that was not put. */
  value: unknown;

  /** Makes the error. */
  constructor(message?: string, options: PutErrorOptions = {}) {
    super(message, options);
    this.value = options.value;
  }
}

/** The queue was shut down: it accepts no more items, or has no items left. */
export class QueueShutDownError extends Error {
  static {
    named(this, "QueueShutDownError");
  }
  /** The item that was not put; `undefined` if the operation was not a `put`. */
  value: unknown;

  /** Makes the error. */
  constructor(message?: string, options: PutErrorOptions = {}) {
    super(message, options);
    this.value = options.value;
  }
}

/** The future was cancelled before its task started. */
export class CancelledError extends Error {
  static {
    named(this, "CancelledError");
  }
}

/** The object's state forbids the operation: for example, `submit` after shutdown, or `resultNow()` too early. */
export class InvalidStateError extends Error {
  static {
    named(this, "InvalidStateError");
  }
}

/** The executor cannot continue: its initializer failed, its workers die while starting, or a lost worker broke it. */
export class BrokenExecutorError extends Error {
  static {
    named(this, "BrokenExecutorError");
  }
}

/** Options of a {@linkcode RejectedError}. */
export interface RejectedErrorOptions extends ErrorOptions {
  /** The time in milliseconds until the next attempt may succeed. */
  retryAfter?: number | undefined;
}

/** A bounded pool, a throttle or an open circuit breaker rejected the work. */
export class RejectedError extends Error {
  static {
    named(this, "RejectedError");
  }
  /** The time in milliseconds until the next attempt may succeed, if known. */
  declare readonly retryAfter?: number | undefined;

  /** Makes the error. */
  constructor(message?: string, options: RejectedErrorOptions = {}) {
    super(message, options);
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}

/** A barrier was broken: a party timed out, was aborted or died, its action failed, or it was reset. */
export class BrokenBarrierError extends Error {
  static {
    named(this, "BrokenBarrierError");
  }
}

/** The thread or process that held a lock died without releasing it. The protected data may be inconsistent. */
export class AbandonedError extends Error {
  static {
    named(this, "AbandonedError");
  }
}

/** The waits of several threads form a cycle, so that none of them can end. */
export class DeadlockError extends Error {
  static {
    named(this, "DeadlockError");
  }
}

/** How a worker ended. */
export interface WorkerEnd {
  /** The exit code; `undefined` if a signal ended the worker or the code is unknown. */
  exitCode?: number | undefined;
  /** The name of the signal that ended a process. */
  signal?: string | undefined;
  /** The last lines that a process wrote to its standard error. */
  stderr?: string | undefined;
}

/** The worker that was running the task died. The task may have had effects; it is not run again. */
export class WorkerLostError extends Error {
  static {
    named(this, "WorkerLostError");
  }
  /** The worker's exit code, if it ended by itself. */
  readonly exitCode: number | undefined;
  /** The name of the signal that killed the worker's process. */
  readonly signal: string | undefined;
  /** The last lines that the worker's process wrote to its standard error. */
  readonly stderr: string;

  /** Makes the error; `message` should name the worker and the task. */
  constructor(message: string, end: WorkerEnd = {}, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = end.exitCode;
    this.signal = end.signal;
    this.stderr = end.stderr ?? "";
  }
}

/**
 * An error whose class is not known on this side. It keeps the name, message, own properties, cause and stack of the
 * original. Register the class on both sides with `registerError` to keep the class.
 */
export class RemoteError extends Error {
  static {
    named(this, "RemoteError");
  }
}

/** Sets the class name on the prototype, as the built-in errors do. */
function named(errorClass: { prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, "name", { value: name, configurable: true, writable: true });
}
