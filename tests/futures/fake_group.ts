// Groups over an executor that starts nothing by itself.

import type { Executor } from "../../src/futures/executor.ts";
import { Future, type FutureSource, markCancelled, reject } from "../../src/futures/future.ts";
import { TaskGroup } from "../../src/futures/task_group.ts";
import { inline } from "../../src/task/inline.ts";
import type { Task } from "../../src/task/task.ts";

export const work: Task<[string], string> = inline((name: string) => name);

/** A task that ends as the test says. One that runs goes on after it was aborted, until it is told to end. */
export class FakeTask implements FutureSource {
  readonly future: Future<string> = new Future<string>(this);
  running = false;
  reason: unknown;

  cancel(): boolean {
    if (!this.running) markCancelled(this.future);
    return !this.running;
  }

  abort(reason: unknown): void {
    this.reason = reason;
    if (!this.running) reject(this.future, reason);
  }
}

/** An executor that starts nothing by itself, and the tasks it was given. */
export function fakeExecutor(): { pool: Executor; tasks: FakeTask[] } {
  const tasks: FakeTask[] = [];
  const pool = {
    submit: () => {
      const task = new FakeTask();
      tasks.push(task);
      return task.future;
    },
  } as unknown as Executor;
  return { pool, tasks };
}

/** A group with members. */
export function groupOf(count: number, options = {}): { group: TaskGroup; tasks: FakeTask[]; pool: Executor } {
  const { pool, tasks } = fakeExecutor();
  const group = new TaskGroup(pool, options);
  for (let i = 0; i < count; i++) group.submit(work, "x");
  return { group, tasks, pool };
}
