/**
 * Loads tasks that run in the loop of their pool.
 *
 * @module
 */

import { importModule } from "../../core/import_module.ts";
import { contexts, current } from "../../task/current.ts";
import { Call } from "../../worker/call.ts";
import { FunctionLoader, type TaskFunction } from "../../worker/function_loader.ts";
import type { Definition } from "../../task/task.ts";
import type { EnterContext } from "../../runtime/types.ts";
import type { Job } from "../engine/job.ts";

/** Finds functions, and runs each in the async context of its submission. */
export class InlineLoader extends FunctionLoader {
  readonly #jobs: Map<number, Job>;

  /**
   * @param works the jobs in progress, by number.
   * @param tasks the definitions of the pool's tasks; the task with number n is at index n - 1.
   */
  constructor(jobs: Map<number, Job>, tasks: readonly Definition[]) {
    super(importModule, (reference) => tasks[reference - 1]?.fn as TaskFunction | undefined);
    this.#jobs = jobs;
  }

  override loaded(reference: number): TaskFunction | undefined {
    const fn = super.loaded(reference);
    return fn && this.#inContext(fn);
  }

  override async load(reference: number): Promise<TaskFunction> {
    return this.#inContext(await super.load(reference));
  }

  #inContext(fn: TaskFunction): TaskFunction {
    return (...args) => {
      const call = current();
      const job = call instanceof Call ? this.#jobs.get(call.number) : undefined;
      // An initializer belongs to no job.
      if (job === undefined) return fn(...args);
      (call as Call).beginNestedWait ??= (on) => job.beginNestedWait(on);
      // The carried values are entered once more: the context is that of the submit, or for a map that of its consumer.
      const enter: EnterContext = (body) =>
        job.context!(() => contexts.run(call, () => (call as Call).invoke(body, [])));
      // A generator runs when it is asked for values.
      if (job.window > 0) (call as Call).enter = enter;
      return enter(() => fn(...args));
    };
  }
}
