/**
 * Task groups: tasks that end together.
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
   * When the group ends early and aborts its other tasks: at the first failure (`"fail-fast"`, the default), at the
   * first success (`"first-success"`), or never (`"all"`).
   */
  mode?: "fail-fast" | "first-success" | "all" | undefined;
  /** Aborts all tasks of the group. */
  signal?: AbortSignal | undefined;
}

const OPTIONS: OptionNames<TaskGroupOptions> = optionNames<TaskGroupOptions>({ mode: true, signal: true });

/**
 * Tasks that end together: leaving the block waits for all of them, and the first failure aborts the others. Aborted
 * tasks that wait never start; those that run see their signal.
 *
 * A group created with another group is a member of that group. An abort of the outer group aborts the inner one.
 * Failures of the inner group are failures of the outer one too, even if the program has caught them from `join()` of
 * the inner group. An inner group of mode `"all"` aborts nothing in the outer group. One of mode `"first-success"` has
 * failed only if no task succeeded. To keep a group's failures out of the outer group, create it with the outer group's
 * executor and `signal`.
 *
 * **Order.** Tasks start in the order of the executor. **Cancellation.** An aborted member ends in an `AbortError`
 * whose `cause` is the failure, or in the reason given to `abort`. A cancelled member has not failed. **Cost.** One
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
  /** The groups that were created with this one and not left yet, with or without tasks. */
  readonly #inner = new Set<TaskGroup>();
  readonly #failed: Future<unknown>[] = [];
  /** Members that ended because the group was stopped. */
  readonly #ousted: Future<unknown>[] = [];
  #winner: Future<unknown> | undefined;
  /** Why the group was stopped; `told` if by a call or a signal rather than by the end of a task. */
  #stopped: { readonly reason: unknown; readonly told: boolean } | undefined;
  #wake: (() => void)[] = [];
  /** The number of failures when `join` of this group threw, and whether it threw the reason of an abort. */
  #received = 0;
  #thrown = false;
  /** Whether the outer group knows that no task succeeded. */
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
   * Creates a group.
   *
   * @param executor runs the tasks; or an outer group, of which the new group becomes a member.
   * @throws {TypeError} if an argument is not valid.
   * @throws {InvalidStateError} if `executor` is a group that was left.
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

  /** Fires when the group is stopped, for code of the group that is not a task. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * The errors of failed tasks so far, inner groups included, in order of failure. Reading this property observes those
   * failures.
   */
  get errors(): unknown[] {
    return this.#failed.map((future) => future.exceptionNow());
  }

  /** The first task that succeeded, in a group of mode `"first-success"`. */
  get winner(): Future<unknown> | undefined {
    return this.#winner;
  }

  /**
   * Runs a task as a member of the group. After the group was stopped, the future of a new task is rejected at once.
   *
   * @throws {TypeError} if `task` is not a task.
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
   * Aborts all members; the group accepts no more tasks.
   *
   * @param reason rejects their futures; an `AbortError` by default.
   */
  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    this.#stop(reason, true);
  }

  /**
   * Waits until all members have ended, and none of their tasks runs.
   *
   * @throws the first failure; `errors` has all of them. In mode `"first-success"` only if no task succeeded.
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
   * Waits until all members have ended, and accepts no more tasks.
   *
   * @throws the first failure, unless the program has received it before: from the failed future itself, by an `await`
   * or a `catch`, or from `join` of this group. `join` of an inner group does not count.
   * @throws the reason of an abort, unless it was thrown before.
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
    // A task that the abort ended has already thrown its reason.
    if (this.#failed.length === 0 && (this.#thrown || this.#ousted.some(wasThrown))) return;
    throw failure.error;
  }

  /** The error of the group: the first failure that fits, or else the reason of its abort. Observes all failures. */
  #failure(fits: (future: Future<unknown>, place: number) => boolean): { readonly error: unknown } | undefined {
    for (const future of this.#failed) observe(future);
    if (this.#winner !== undefined) return undefined;
    if (this.#failed.length > 0) {
      const first = this.#failed.find(fits);
      return first && outcomeOf(first) as { readonly error: unknown };
    }
    return this.#stopped?.told === true ? { error: this.#stopped.reason } : undefined;
  }

  /** Reports failures to the outer group if this group of mode `"first-success"` was left without a success. */
  #report(): void {
    for (const inner of this.#inner) inner.#report();
    const outer = this.#outer;
    if (this.#mode !== "first-success" || this.#winner !== undefined || this.#reported) return;
    this.#reported = true;
    if (outer !== undefined) { for (const future of this.#failed) outer.#note(future); }
  }

  #requireOpen(): void {
    if (this.#left) throw new InvalidStateError("Cannot submit to a TaskGroup after its block was left");
    const outer = this.#outer;
    if (outer !== undefined) outer.#requireOpen();
  }

  #adopt(inner: TaskGroup): void {
    this.#inner.add(inner);
    if (this.#stopped !== undefined) inner.#stop(this.#stopped.reason, true);
  }

  /** Adds a member. A group with members is itself a member of its outer group. */
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
    // A task that ended because the group was stopped has not failed by itself.
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

  /** Records a failure that aborts nothing. */
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
