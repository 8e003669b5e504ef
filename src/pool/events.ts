/**
 * What executors announce.
 *
 * @module
 */

/** The events of an executor and what they tell. */
export interface ExecutorEvents {
  /** A task was given to a worker. */
  taskstart: { task: string; workerId: number };
  /** A task has ended; `error` says how, if it failed. */
  taskend: { task: string; workerId: number | undefined; error: unknown };
  /** A worker takes tasks. */
  workerstart: { workerId: number; pid: number | undefined };
  /** A worker died without being told to, or could not be stopped. */
  workerlost: { workerId: number; pid: number | undefined; exitCode: number | undefined; signal: string | undefined };
  /** A task left an error behind after its result. Printed if nobody listens. */
  error: { error: unknown; workerId: number };
  /**
   * A task failed and its future was not observed within one turn of the loop, or, as a member of a `TaskGroup`, not before
   * its pool was shut down. Printed if there is no listener.
   */
  unobserved: { task: string; error: unknown };
}

/** Announces an event; false if no listener was told of it. */
export interface Announce {
  <K extends keyof ExecutorEvents>(type: K, detail: () => ExecutorEvents[K]): boolean;
  /** Whether anybody has ever listened to anything. */
  listened(): boolean;
}

/** Announces to nobody: errors that a task leaves behind are printed. */
export const announceToNobody: Announce = Object.assign(() => false, { listened: () => false });

/** Returns what announces the events of a target. */
export let announcerOf: (target: ExecutorTarget<never>) => Announce;

/** An event of an executor. */
export class ExecutorEvent<K extends keyof ExecutorEvents> extends Event {
  /** What it tells. */
  readonly detail: ExecutorEvents[K];

  /** Executors make events. */
  constructor(type: K, detail: ExecutorEvents[K]) {
    super(type);
    this.detail = detail;
  }

  /** The error it is about, if it is about one. */
  get error(): unknown {
    return (this.detail as { error?: unknown }).error;
  }
}

/** The events that a listener was told of. */
const heard = new WeakSet<Event>();

/** What the platform calls for an event. */
type Caller = (event: Event) => void;

/** What a program adds: named here, as not every set of types has the names of the web. */
type Listener = Caller | { handleEvent(event: Event): void };

/**
 * An event target that knows whether it has had listeners, so that no event is made without one, and whether a listener was
 * told of an event.
 *
 * @typeParam E the kinds of its events.
 */
export class ExecutorTarget<E extends keyof ExecutorEvents = keyof ExecutorEvents> extends EventTarget {
  readonly #listened = new Set<string>();
  /**
   * What is called for each listener. When a listener ends is the platform's to know: it may be removed, hear one event only, or
   * have a signal.
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

  /** As of every event target, for the events of an executor. */
  override addEventListener<K extends E>(
    type: K,
    listener: ((event: ExecutorEvent<K>) => void) | { handleEvent(event: ExecutorEvent<K>): void } | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void {
    this.#listened.add(type);
    super.addEventListener(type, this.#callerOf(listener as Listener | null), options);
  }

  /** As of every event target. */
  override removeEventListener<K extends E>(
    type: K,
    listener: ((event: ExecutorEvent<K>) => void) | { handleEvent(event: ExecutorEvent<K>): void } | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void {
    super.removeEventListener(type, this.#callerOf(listener as Listener | null), options);
  }

  /** One for each listener, so that the platform sees which are the same. */
  #callerOf(listener: Listener | null): Caller | null {
    // What is no listener is for the platform to refuse.
    if (Object(listener) !== listener) return listener as null;
    const known = this.#callers.get(listener!);
    if (known !== undefined) return known;
    const caller = (event: Event) => {
      heard.add(event);
      if (typeof listener === "function") return listener.call(event.currentTarget as EventTarget, event);
      return listener!.handleEvent(event);
    };
    this.#callers.set(listener!, caller);
    // Node and Deno remove what they were given, through this object, when a signal fires.
    this.#callers.set(caller, caller);
    return caller;
  }
}
