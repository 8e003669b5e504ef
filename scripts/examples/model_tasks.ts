// Tasks of one_model.ts, in a module of their own: every worker loads the module of its task.

import type { SharedArray } from "@heddle/heddle/shared";
import { type Task, task } from "@heddle/heddle/task";

/** The weights of a model: a row for each class, with a weight for each feature. */
export interface Model {
  classes: number;
  features: number;
  weights: SharedArray<"float32">;
}

/** The model of this thread. Each thread has its own object; all threads share the memory of the weights. */
let model: Model | undefined;

/** The initializer: gives each thread the model once, before its first task. */
export const useModel: Task<[Model], void> = task(import.meta, function useModel(given: Model): void {
  model = given;
});

/** Returns the class with the highest score. */
export const classify: Task<[input: Float32Array], number> = task(
  import.meta,
  function classify(input: Float32Array): number {
    const { classes, features, weights } = model!;
    const { view } = weights;
    let best = 0, highest = -Infinity;
    for (let row = 0; row < classes; row++) {
      let score = 0;
      for (let i = 0; i < features; i++) score += view[row * features + i]! * input[i]!;
      if (score > highest) [best, highest] = [row, score];
    }
    return best;
  },
);
