/**
 * Many members, one signal, one listener.
 *
 * @module
 */

/** Aborts the members of a signal. Ten thousand tasks under one signal cost it one listener. */
export class SignalGroup<T> {
  readonly #members = new Map<AbortSignal, { all: Set<T>; listener: () => void }>();
  readonly #abort: (member: T, reason: unknown) => void;

  constructor(abort: (member: T, reason: unknown) => void) {
    this.#abort = abort;
  }

  /** Puts a member under a signal. */
  add(signal: AbortSignal | undefined, member: T): void {
    if (signal === undefined) return;
    const known = this.#members.get(signal);
    if (known !== undefined) return void known.all.add(member);
    const all = new Set([member]);
    const listener = () => {
      for (const each of [...all]) this.#abort(each, signal.reason);
    };
    this.#members.set(signal, { all, listener });
    signal.addEventListener("abort", listener, { once: true });
  }

  /** Takes a member away; the listener goes with the last one. */
  delete(signal: AbortSignal | undefined, member: T): void {
    if (signal === undefined) return;
    const known = this.#members.get(signal);
    if (known === undefined || !known.all.delete(member) || known.all.size > 0) return;
    signal.removeEventListener("abort", known.listener);
    this.#members.delete(signal);
  }
}
