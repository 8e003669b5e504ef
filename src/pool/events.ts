/**
 * The events of executors.
 *
 * @module
 */

/** The events of an executor and their details. */
export interface ExecutorEvents {
  /** A task was sent to a worker. */
  taskstart: { task: string; workerId: number };
  /** A task has ended; `error` is its error if it failed. */
  taskend: { task: string; workerId: number | undefined; error: unknown };
  /** A worker is ready for tasks. */
  workerstart: { workerId: number; pid: number | undefined };
  /** A worker died unexpectedly, or could not be stopped. */
  workerlost: { workerId: number; pid: number | undefined; exitCode: number | undefined; signal: string | undefined };
  /** A task left an error behind after its result. Printed if there is no listener. */
  error: { error: unknown; workerId: number };
  /**
   * A task failed and its future was not observed within one turn of the loop. The failure of a `TaskGroup` member is
   * dispatched later, at the shutdown of its pool at the latest. Printed if there is no listener.
   */
  unobserved: { task: string; error: unknown };
}

/** Dispatches an event; returns false if no listener received it. */
export interface Announce {
  <K extends keyof ExecutorEvents>(type: K, detail: () => ExecutorEvents[K]): boolean;
  /** Whether a listener was ever added, for any event. */
  listened(): boolean;
}

/** Dispatches nothing: errors that a task leaves behind are printed. */
export const announceToNobody: Announce = Object.assign(() => false, { listened: () => false });

/** Returns the function that dispatches the events of a target. */
export let announcerOf: (target: ExecutorTarget<never>) => Announce;

/** An event of an executor. */
export class ExecutorEvent<K extends keyof ExecutorEvents> extends Event {
  /** The details of the event. */
  readonly detail: ExecutorEvents[K];

  /** Executors create events. */
  constructor(type: K, detail: ExecutorEvents[K]) {
    super(type);
    this.detail = detail;
  }

  /** The error in `detail`, if there is one. */
  get error(): unknown {
    return (this.detail as { error?: unknown }).error;
  }
}

/** The events that a listener has received. */
const heard = new WeakSet<Event>();

/** The function that the platform calls for an event. */
type Caller = (event: Event) => void;

/** A listener as programs add it. Declared here because not every set of types has the names of the web. */
type Listener = Caller | { handleEvent(event: Event): void };

/**
 * An event target that knows whether listeners were added, so that no event is created without one, and whether a
 * listener has received an event.
 *
 * @typeParam E the names of its events.
 */
export class ExecutorTarget<E extends keyof ExecutorEvents = keyof ExecutorEvents> extends EventTarget {
  readonly #listened = new Set<string>();
  /**
   * The function that the platform calls for each listener. Only the platform knows when a listener ends: it may be
   * removed, receive a single event, or have a signal.
   */
  readonly #callers = new WeakMap<Listener, Caller>();

  static {
    announcerOf = (target) => {
      const announce = <K extends keyof ExecutorEvents>(type: K, detail: () => ExecutorEvents[K]): boolean => {
        if (!target.#listened.has(type)) return false;
        const event = new ExecutorEvent(type, detail());
        target.dispatchEvent(event);
        return heard.has(event);
      };
      return Object.assign(announce, { listened: () => target.#listened.size > 0 });
    };
  }

  /** Like `EventTarget.addEventListener`, for the events of an executor. */
  override addEventListener<K extends E>(
    type: K,
    listener: ((event: ExecutorEvent<K>) => void) | { handleEvent(event: ExecutorEvent<K>): void } | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void {
    this.#listened.add(type);
    super.addEventListener(type, this.#callerOf(listener as Listener | null), options);
  }

  /** Like `EventTarget.removeEventListener`. */
  override removeEventListener<K extends E>(
    type: K,
    listener: ((event: ExecutorEvent<K>) => void) | { handleEvent(event: ExecutorEvent<K>): void } | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void {
    super.removeEventListener(type, this.#callerOf(listener as Listener | null), options);
  }

  /** Returns the same function for the same listener, so that the platform recognizes duplicates. */
  #callerOf(listener: Listener | null): Caller | null {
    // The platform rejects a value that is not a listener.
    if (Object(listener) !== listener) return listener as null;
    const known = this.#callers.get(listener!);
    if (known !== undefined) return known;
    const caller = (event: Event) => {
      heard.add(event);
      if (typeof listener === "function") return listener.call(event.currentTarget as EventTarget, event);
      return listener!.handleEvent(event);
    };
    this.#callers.set(listener!, caller);
    // When a signal fires, Node and Deno pass the function they were given to this object's `removeEventListener`.
    this.#callers.set(caller, caller);
    return caller;
  }
}
