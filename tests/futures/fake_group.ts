// Creates groups over an executor that starts nothing by itself.

import type { Executor } from "../../src/futures/executor.ts";
import { Future, markCancelled, reject } from "../../src/futures/future.ts";
import type { FutureSource } from "../../src/futures/source.ts";
import { TaskGroup } from "../../src/futures/task_group.ts";
import { inline } from "../../src/task/inline.ts";
import type { Task } from "../../src/task/task.ts";

export const work: Task<[string], string> = inline((name: string) => name);

/** A task that ends when the test says so. A running task goes on after an abort until the test ends it. */
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

/** Creates an executor that starts nothing by itself, and the list of its tasks. */
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

/** Creates a group with members. */
export function groupOf(count: number, options = {}): { group: TaskGroup; tasks: FakeTask[]; pool: Executor } {
  const { pool, tasks } = fakeExecutor();
  const group = new TaskGroup(pool, options);
  for (let i = 0; i < count; i++) group.submit(work, "x");
  return { group, tasks, pool };
}
