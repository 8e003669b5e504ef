/**
 * Tasks that belong together.
 *
 * @module
 */

import { checkOneOf, checkSignal, show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { InvalidStateError } from "../core/errors.ts";
import { requireDefinition, type Task } from "../task/task.ts";
import type { Executor } from "./executor.ts";
import { Future, observe, outcomeOf, reject, wasThrown, whenDone } from "./future.ts";
import { startWait } from "./nested.ts";
import { ownFuture } from "./own_future.ts";
import { whenFinished } from "./unfinished.ts";
import { expectObserver } from "./unobserved.ts";

/** Options of a group. */
export interface TaskGroupOptions {
  /**
   * What ends the group early: the first failure (`"fail-fast"`, the default), the first success, or nothing. The others
   * are then aborted.
   */
  mode?: "fail-fast" | "first-success" | "all" | undefined;
  /** Aborts all tasks of the group. */
  signal?: AbortSignal | undefined;
}

const OPTIONS: OptionNames<TaskGroupOptions> = optionNames<TaskGroupOptions>({ mode: true, signal: true });

/**
 * Tasks that end together: leaving the block waits for all of them, and the first failure aborts the others. Those that
 * wait never start, those that run see their signal.
 *
 * Groups nest: a group made of another one is a member of it. It is aborted with it, and its failures are failures of the
 * outer group too; a `join()` of the inner group that was caught changes nothing in that. An inner group of mode `"all"` aborts
 * nothing in the outer one, and one of mode `"first-success"` has failed only if no task succeeded. For a group whose failure
 * stays its own, give it the outer group's executor and `signal`.
 *
 * **Order.** Tasks start in the order of the executor. **Cancellation.** An aborted member ends in an `AbortError` whose
 * `cause` is the failure, or in the reason given to `abort`. A member that was cancelled has not failed. **Cost.** One
 * callback for each task.
 *
 * @example The first failure aborts the others
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { current, inline, InlineExecutor, TaskGroup } from "@heddle/heddle";
 *
 * const pool = new InlineExecutor({ maxWorkers: 2 });
 * const seen: string[] = [];
 * await assertRejects(async () => {
 *   await using group = new TaskGroup(pool);
 *   group.submit(inline(() => new Promise((_, reject) => {
 *     const { signal } = current()!;
 *     signal.addEventListener("abort", () => reject(seen.push(signal.reason.name)));
 *   })));
 *   group.submit(inline(() => Promise.reject(new RangeError("failed"))));
 * }, RangeError, "failed");
 * assertEquals(seen, ["AbortError"]);
 * ```
 */
export class TaskGroup implements AsyncDisposable {
  readonly #executor: Executor;
  readonly #outer: TaskGroup | undefined;
  readonly #mode: "fail-fast" | "first-success" | "all";
  readonly #controller = new AbortController();
  readonly #stopListening: () => void;
  readonly #members = new Set<Future<unknown> | TaskGroup>();
  /** The groups that end with this one, with or without tasks. */
  readonly #inner = new Set<TaskGroup>();
  readonly #failed: Future<unknown>[] = [];
  /** Those that ended because the group was stopped. */
  readonly #ousted: Future<unknown>[] = [];
  #winner: Future<unknown> | undefined;
  /** Why the group was stopped, and whether by somebody rather than by how a task ended. */
  #stopped: { readonly reason: unknown; readonly told: boolean } | undefined;
  #wake: (() => void)[] = [];
  /** How many failures `join` of this very group knew when it threw, and whether it threw the reason of an abort. */
  #received = 0;
  #thrown = false;
  /** Whether the outer group was told that no task succeeded. */
  #reported = false;
  #left = false;

  static {
    printsAs(
      this,
      "TaskGroup",
      (group) => ({ mode: group.#mode, tasks: group.#members.size, failed: group.#failed.length }),
    );
  }

  /**
   * Opens a group.
   *
   * @param executor runs the tasks, or the group that this one is to be a member of.
   * @throws {TypeError} if an argument is not valid.
   * @throws {InvalidStateError} if it is a group that was left.
   */
  constructor(executor: Executor | TaskGroup, options: TaskGroupOptions = {}) {
    const what = "Cannot open a TaskGroup as";
    const { mode = "fail-fast", signal } = checkOptions(`${what} 'options'`, options, OPTIONS);
    this.#mode = checkOneOf(`${what} 'mode'`, mode, ["fail-fast", "first-success", "all"]);
    checkSignal(`${what} 'signal'`, signal);
    if (typeof (executor as Partial<Executor> | null | undefined)?.submit !== "function") {
      throw new TypeError(`${what} 'executor' must be an executor or a group: current value is ${show(executor)}`);
    }
    this.#outer = executor instanceof TaskGroup ? executor : undefined;
    this.#executor = executor instanceof TaskGroup ? executor.#executor : executor;
    const listener = () => this.abort(signal!.reason);
    this.#stopListening = () => signal?.removeEventListener("abort", listener);
    const outer = this.#outer;
    if (outer !== undefined) outer.#requireOpen();
    if (signal?.aborted) listener();
    else signal?.addEventListener("abort", listener, { once: true });
    if (outer !== undefined) outer.#adopt(this);
  }

  /** Fires when the group is stopped: for what belongs to it and is no task. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the tasks have failed with so far, in order, and what inner groups have. Looking at it looks at them. */
  get errors(): unknown[] {
    return this.#failed.map((future) => future.exceptionNow());
  }

  /** The first task that succeeded, in a group that ends with it. */
  get winner(): Future<unknown> | undefined {
    return this.#winner;
  }

  /**
   * Runs a task as a member of the group. Once the group was stopped, tasks are turned away: their future fails at once.
   *
   * @throws {TypeError} if it is not a task.
   * @throws {InvalidStateError} if the group was left.
   */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): Future<Awaited<R>> {
    this.#requireOpen();
    if (this.#stopped !== undefined) {
      requireDefinition(task);
      const future = new Future<Awaited<R>>();
      reject(future, this.#stopped.reason);
      return future;
    }
    const future = ownFuture(this.#executor.submit(task, ...args));
    this.#add(future);
    expectObserver(future);
    whenDone(future, () => {
      this.#judge(future);
      whenFinished(future, () => this.#ended(future));
    });
    return future;
  }

  /**
   * Aborts all members; the group takes no more tasks.
   *
   * @param reason what they end in; an `AbortError` if left out.
   */
  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    this.#stop(reason, true);
  }

  /**
   * Waits until all members have ended, and none of their tasks runs.
   *
   * @throws what failed first; all that failed is in `errors`. In a group that ends with the first success, only if nothing
   * succeeded.
   * @throws the reason, if the group was aborted.
   */
  async join(): Promise<void> {
    await this.#empty();
    const failure = this.#failure(() => true);
    if (failure === undefined) return;
    this.#received = this.#failed.length;
    this.#thrown = this.#received === 0;
    throw failure.error;
  }

  /**
   * Waits until all members have ended, and takes no more.
   *
   * @throws the first failure, unless it was received before: by a handler of the failed future itself, as an `await` or a
   * `catch`, or from `join` of this very group. To join an inner group does not count.
   * @throws the reason, if the group was aborted and it was not thrown before.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#empty();
    if (this.#left) return;
    this.#left = true;
    this.#stopListening();
    this.#report();
    const outer = this.#outer;
    if (outer !== undefined) outer.#inner.delete(this);
    const failure = this.#failure((future, place) => place >= this.#received && !wasThrown(future));
    if (failure === undefined) return;
    // The reason of an abort was received with any task that it ended.
    if (this.#failed.length === 0 && (this.#thrown || this.#ousted.some(wasThrown))) return;
    throw failure.error;
  }

  /** What the group ends with: the first failure that fits, or else the reason of its abort. Looks at all failures. */
  #failure(fits: (future: Future<unknown>, place: number) => boolean): { readonly error: unknown } | undefined {
    for (const future of this.#failed) observe(future);
    if (this.#winner !== undefined) return undefined;
    if (this.#failed.length > 0) {
      const first = this.#failed.find(fits);
      return first && outcomeOf(first) as { readonly error: unknown };
    }
    return this.#stopped?.told === true ? { error: this.#stopped.reason } : undefined;
  }

  /** A group that ends with its first success has failed once it is left without one. */
  #report(): void {
    for (const inner of this.#inner) inner.#report();
    const outer = this.#outer;
    if (this.#mode !== "first-success" || this.#winner !== undefined || this.#reported) return;
    this.#reported = true;
    if (outer !== undefined) { for (const future of this.#failed) outer.#note(future); }
  }

  #requireOpen(): void {
    if (this.#left) throw new InvalidStateError("Cannot submit to a TaskGroup that was left");
    const outer = this.#outer;
    if (outer !== undefined) outer.#requireOpen();
  }

  #adopt(inner: TaskGroup): void {
    this.#inner.add(inner);
    if (this.#stopped !== undefined) inner.#stop(this.#stopped.reason, true);
  }

  /** A group with members is a member of the group around it. */
  #add(member: Future<unknown> | TaskGroup): void {
    const outer = this.#outer;
    if (this.#members.size === 0 && outer !== undefined) outer.#add(this);
    this.#members.add(member);
  }

  async #empty(): Promise<void> {
    if (this.#members.size === 0) return;
    const stopWait = startWait();
    while (this.#members.size > 0) await new Promise<void>((resolve) => this.#wake.push(resolve));
    stopWait?.();
  }

  #ended(member: Future<unknown> | TaskGroup): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    const outer = this.#outer;
    if (outer !== undefined) outer.#ended(this);
    for (const wake of this.#wake.splice(0)) wake();
  }

  #judge(future: Future<unknown>): void {
    const outcome = outcomeOf(future);
    if (outcome === undefined) return;
    if ("value" in outcome) {
      if (this.#mode !== "first-success" || this.#winner !== undefined) return;
      this.#winner = future;
      return this.#stop(because("Another task of the group succeeded"), false);
    }
    // Those that end because the group was stopped have not failed by themselves.
    if (this.#stopped !== undefined && outcome.error === this.#stopped.reason) {
      this.#ousted.push(future);
      return observe(future);
    }
    this.#fail(future, outcome.error);
  }

  #fail(future: Future<unknown>, error: unknown): void {
    if (this.#mode !== "fail-fast") return this.#note(future);
    this.#failed.push(future);
    this.#stop(because("Another task of the group failed", error), false);
    const outer = this.#outer;
    if (outer !== undefined) outer.#fail(future, error);
  }

  /** Keeps a failure that aborts nothing until the group is left. */
  #note(future: Future<unknown>): void {
    this.#failed.push(future);
    const outer = this.#outer;
    if (this.#mode !== "first-success" && outer !== undefined) outer.#note(future);
  }

  #stop(reason: unknown, told: boolean): void {
    if (this.#stopped !== undefined || this.#left) return;
    this.#stopped = { reason, told };
    for (const inner of this.#inner) inner.abort(reason);
    for (const member of [...this.#members]) if (member instanceof Future) member.abort(reason);
    this.#controller.abort(reason);
  }
}

function because(message: string, cause?: unknown): DOMException {
  const reason = new DOMException(message, "AbortError");
  return Object.defineProperty(reason, "cause", { value: cause, configurable: true, writable: true });
}
