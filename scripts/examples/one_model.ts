// Loads one model and shares it with all threads, instead of loading it in each thread.
//
//   deno run -A scripts/examples/one_model.ts [--threads 2] [--features 100000] [--inputs 20]        (or bun, or node)
//
// The weights are a SharedArray: the initializer gives every thread the same memory, and nothing is copied. All threads see
// later changes by the main thread. Processes cannot share memory: in a pool of processes, each would load its own model.

import { SharedArray, ThreadPoolExecutor } from "@heddle/heddle";
import { classify, type Model, useModel } from "./model_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

const CLASSES = 10;

type Numbers = Record<"threads" | "features" | "inputs", number>;

async function runModel({ threads, features, inputs: count }: Numbers): Promise<void> {
  const start = performance.now();
  const model = loadModel(features);
  const megabytes = (model.weights.view.byteLength / 1e6).toFixed(1);
  console.log(`The model was loaded once, in ${inSeconds(performance.now() - start)}: ${megabytes} MB`);

  await using pool = new ThreadPoolExecutor({ maxWorkers: threads, initializer: useModel, initArgs: [model] });
  // An input of class c is largest where row c has its weights.
  const inputs = Array.from({ length: count }, (_, i) => inputOf(i % CLASSES, features));
  const before = await pool.map(classify, inputs);
  console.log(`${count} inputs, classified by up to ${threads} threads: ${before.join(" ")}`);

  // With its new weights, class 0 wins everywhere. The threads get no message about the change.
  model.weights.view.fill(1, 0, features);
  const after = await pool.map(classify, inputs);
  console.log(`After changing the weights:                 ${after.join(" ")}`);
  if (before.some((found, i) => found !== i % CLASSES)) {
    throw new ExampleError("Wrong results: the model found other classes than the inputs have");
  }
  if (after.some((found) => found !== 0)) {
    throw new ExampleError("Wrong results: a thread has a copy of the weights");
  }
}

/** Stands in for reading a large file: weights are 0.5 for the features of a class, and 0 for all others. */
function loadModel(features: number): Model {
  const weights = new SharedArray("float32", CLASSES * features);
  for (let row = 0; row < CLASSES; row++) {
    for (let i = row; i < features; i += CLASSES) weights.view[row * features + i] = 0.5;
  }
  return { classes: CLASSES, features, weights };
}

function inputOf(row: number, features: number): Float32Array {
  return Float32Array.from({ length: features }, (_, i) => i % CLASSES === row ? 1 : 0.01);
}

if (import.meta.main) await runWithNumbers({ threads: 2, features: 100_000, inputs: 20 }, runModel);
