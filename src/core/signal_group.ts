/**
 * Shares one abort listener among all members of a signal.
 *
 * @module
 */

/** Aborts the members of a signal. Ten thousand tasks with one signal add one listener to it. */
export class SignalGroup<T> {
  readonly #members = new Map<AbortSignal, { all: Set<T>; listener: () => void }>();
  readonly #abort: (member: T, reason: unknown) => void;

  constructor(abort: (member: T, reason: unknown) => void) {
    this.#abort = abort;
  }

  /** Adds a member to a signal. */
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

  /** Removes a member. The last member removes the listener. */
  delete(signal: AbortSignal | undefined, member: T): void {
    if (signal === undefined) return;
    const known = this.#members.get(signal);
    if (known === undefined || !known.all.delete(member) || known.all.size > 0) return;
    signal.removeEventListener("abort", known.listener);
    this.#members.delete(signal);
  }
}
