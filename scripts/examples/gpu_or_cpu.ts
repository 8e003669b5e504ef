// Runs one computation on the graphics card if there is one, otherwise on the processor, and compares the two.
//
//   deno run -A scripts/examples/gpu_or_cpu.ts [--numbers 60000] [--parts 8] [--fallback 1]        (or bun, or node)
//
// The card is a resource, so that at most one task of any pool uses it at a time. The initializer creates the device
// once, in the only worker of its pool. Deno has WebGPU; on Node and Bun the example uses the package `webgpu` if it is
// installed. A fallback adapter emulates a card on the processor and is used only with `--fallback 1`.

import { Resources, ThreadPoolExecutor } from "@heddle/heddle";
import { describe, openDevice, stepsOnCpu, stepsOnGpu } from "./gpu_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

/** The sequences of numbers up to this stay below 2 ** 32. */
const MOST = 100_000;

type Numbers = Record<"numbers" | "parts" | "fallback", number>;

async function runComputation({ numbers: count, parts, fallback }: Numbers): Promise<void> {
  if (count > MOST) {
    throw new ExampleError(`Cannot run as '--numbers' must be at most ${MOST}: current value is ${count}`);
  }
  const resources = new Resources({ gpu: 1 });
  await using card = new ThreadPoolExecutor({ maxWorkers: 1, name: "card", resources, initializer: openDevice });
  await using processor = new ThreadPoolExecutor({ name: "processor", resources });
  const numbers = Uint32Array.from({ length: count }, (_, i) => i + 1);
  const size = Math.ceil(count / parts);
  const inputs = Array.from({ length: Math.ceil(count / size) }, (_, i) => numbers.slice(i * size, (i + 1) * size));

  const onGpu = card.with({ resources: { gpu: 1 } });
  const device = await onGpu.submit(describe);
  const usable = device !== undefined && (!device.fallback || fallback > 0);
  const start = performance.now();
  const steps = usable ? await onGpu.map(stepsOnGpu, inputs) : await processor.map(stepsOnCpu, inputs);
  const time = inSeconds(performance.now() - start);
  const reason = device === undefined ? "there is no adapter" : `${device.name} is a fallback adapter`;
  const where = usable ? `on the graphics card (${device.name})` : `on the processor, as ${reason}`;
  console.log(`The Collatz sequences of ${count} numbers, ${where}: ${time}`);

  const others = await processor.map(stepsOnCpu, inputs);
  if (!inputs.every((input, part) => input.every((_, i) => steps[part]![i] === others[part]![i]))) {
    throw new ExampleError("Wrong results: the graphics card and the processor do not agree");
  }
  const longest = steps.flatMap((part) => [...part]).reduce((most, each) => Math.max(most, each));
  console.log(`The longest has ${longest} steps, and the processor agrees`);
}

if (import.meta.main) await runWithNumbers({ numbers: 60_000, parts: 8, fallback: 0 }, runComputation);
