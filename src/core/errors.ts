/**
 * The error classes of this library. Every class carries its own name on its prototype, so that `error.name` is the
 * name of the class even in minified code, and no instance gets an extra own property for it.
 *
 * @module
 */

/** A wait ran out of time. */
export class TimeoutError extends Error {
  static {
    named(this, "TimeoutError");
  }
}

/** There was nothing to get from the queue in time. */
export class QueueEmptyError extends TimeoutError {
  static {
    named(this, "QueueEmptyError");
  }
}

/** What else there is to say about an item that was not put. */
export interface PutErrorOptions extends ErrorOptions {
  /** The item. */
  value?: unknown;
}

/** There was no room in the queue in time. */
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

/** The queue was shut down: it takes no more items, or has none left. */
export class QueueShutDownError extends Error {
  static {
    named(this, "QueueShutDownError");
  }
  /** The item that was not put; `undefined` where nothing was to be put. */
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

/** The operation is not allowed in the present state of the object: submit after shutdown, `resultNow()` too early. */
export class InvalidStateError extends Error {
  static {
    named(this, "InvalidStateError");
  }
}

/** The pool cannot go on: its initializer failed, its workers die while starting, or a lost worker breaks it. */
export class BrokenExecutorError extends Error {
  static {
    named(this, "BrokenExecutorError");
  }
}

/** A bounded pool turned the work away. */
export class RejectedError extends Error {
  static {
    named(this, "RejectedError");
  }
}

/** A barrier was broken: by a party that ran out of time, was aborted or died, by a failed action, or by a reset. */
export class BrokenBarrierError extends Error {
  static {
    named(this, "BrokenBarrierError");
  }
}

/** The thread or process that held a lock died without releasing it. What the lock protects may be half done. */
export class AbandonedError extends Error {
  static {
    named(this, "AbandonedError");
  }
}

/** The waits of several threads form a cycle, so that none of them would ever end. */
export class DeadlockError extends Error {
  static {
    named(this, "DeadlockError");
  }
}

/** How a worker ended. */
export interface WorkerEnd {
  /** The exit code, or `undefined` when a signal ended the worker or nobody knows. */
  exitCode?: number | undefined;
  /** The name of the signal that ended a process. */
  signal?: string | undefined;
  /** The last lines a process wrote to its standard error. */
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
  /** The last lines the worker's process wrote to its standard error. */
  readonly stderr: string;

  /** Makes the error; the message should already say which worker and task it is about. */
  constructor(message: string, end: WorkerEnd = {}, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = end.exitCode;
    this.signal = end.signal;
    this.stderr = end.stderr ?? "";
  }
}

/**
 * An error whose class is not known on this side. It keeps the name, message, own properties, cause and stack of the
 * original. Register the class on both sides with `registerError` to get the class back.
 */
export class RemoteError extends Error {
  static {
    named(this, "RemoteError");
  }
}

/** Puts the class name on the prototype, where the built-in errors have theirs. */
function named(errorClass: { prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, "name", { value: name, configurable: true, writable: true });
}
