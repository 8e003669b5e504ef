// One model, loaded once and shared by all threads: what each of them would otherwise load for itself.
//
//   deno run -A scripts/examples/one_model.ts [--threads 2] [--features 100000] [--inputs 20]        (or bun, or node)
//
// The weights are a SharedArray: the initializer of each thread is given the same memory, and nothing is copied. What the main
// thread changes later, all threads see. Processes share no memory here: in a pool of processes each would load its own model.

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
  // An input of class c is largest where the weights of row c are.
  const inputs = Array.from({ length: count }, (_, i) => inputOf(i % CLASSES, features));
  const before = await pool.map(classify, inputs);
  console.log(`${count} inputs, classified by up to ${threads} threads: ${before.join(" ")}`);

  // New weights for class 0: it wins everywhere. No thread is told.
  model.weights.view.fill(1, 0, features);
  const after = await pool.map(classify, inputs);
  console.log(`The same after a change of the weights:     ${after.join(" ")}`);
  if (before.some((found, i) => found !== i % CLASSES)) throw new ExampleError("Cannot trust the model");
  if (after.some((found) => found !== 0)) {
    throw new ExampleError("Cannot trust the memory: a thread has a copy of the weights");
  }
}

/** Stands for a file that takes long to read: weights of 0.5 for the features of a class, and 0 for all others. */
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
