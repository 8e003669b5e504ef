// Tasks of gpu_or_cpu.ts, in a module of their own: every worker loads the module of its task.

import { type Task, task } from "@heddle/heddle/task";

/** Counts the steps of the Collatz sequence from each number to 1. Integers, so that all processors agree. */
const SHADER = `
@group(0) @binding(0) var<storage, read_write> numbers: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&numbers)) { return; }
  var n = numbers[id.x];
  var steps = 0u;
  while (n > 1u) {
    n = select(n / 2u, 3u * n + 1u, n % 2u == 1u);
    steps++;
  }
  numbers[id.x] = steps;
}`;
/** Invocations of the shader that run together. */
const GROUP = 64;

/** The device of this worker, and the shader on it. */
interface Graphics {
  readonly name: string;
  readonly fallback: boolean;
  readonly device: GPUDevice;
  readonly pipeline: GPUComputePipeline;
}

let graphics: Graphics | undefined;

/** The initializer: creates the device once, and destroys it when the worker ends. */
export const openDevice: Task<[], Promise<Disposable | undefined>> = task(
  import.meta,
  async function openDevice(): Promise<Disposable | undefined> {
    const adapter = await (await findGpu())?.requestAdapter();
    if (!adapter) return undefined;
    const { description, vendor } = adapter.info;
    const device = await adapter.requestDevice();
    const module = device.createShaderModule({ code: SHADER });
    const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
    graphics = { name: description || vendor, fallback: isFallback(adapter), device, pipeline };
    return { [Symbol.dispose]: () => device.destroy() };
  },
);

/** Describes the device of this worker; undefined if there is none. */
export const describe: Task<[], { name: string; fallback: boolean } | undefined> = task(
  import.meta,
  function describe(): { name: string; fallback: boolean } | undefined {
    return graphics && { name: graphics.name, fallback: graphics.fallback };
  },
);

/** Counts the steps on the device of this worker. */
export const stepsOnGpu: Task<[Uint32Array], Promise<Uint32Array>> = task(
  import.meta,
  async function stepsOnGpu(numbers: Uint32Array): Promise<Uint32Array> {
    const { device, pipeline } = graphics!;
    const size = numbers.byteLength;
    const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const memory = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
    const results = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
    device.queue.writeBuffer(memory, 0, numbers as BufferSource);
    const entries = [{ binding: 0, resource: { buffer: memory } }];
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(Math.ceil(numbers.length / GROUP));
    pass.end();
    encoder.copyBufferToBuffer(memory, 0, results, 0, size);
    device.queue.submit([encoder.finish()]);
    await results.mapAsync(GPUMapMode.READ);
    const steps = new Uint32Array(results.getMappedRange().slice(0));
    for (const buffer of [memory, results]) buffer.destroy();
    return steps;
  },
);

/** Counts the steps on the processor. */
export const stepsOnCpu: Task<[Uint32Array], Uint32Array> = task(
  import.meta,
  function stepsOnCpu(numbers: Uint32Array): Uint32Array {
    return numbers.map((number) => {
      let [n, steps] = [number, 0];
      for (; n > 1; steps++) n = n % 2 === 1 ? 3 * n + 1 : n / 2;
      return steps;
    });
  },
);

/** Returns WebGPU where the runtime has it (Deno), or where the package `webgpu` is installed (Node and Bun). */
async function findGpu(): Promise<GPU | undefined> {
  const { gpu } = navigator as { gpu?: GPU };
  if (gpu !== undefined) return gpu;
  const name = "webgpu";
  try {
    const { create, globals } = await import(name) as { create(flags: string[]): GPU; globals: object };
    Object.assign(globalThis, globals);
    return create([]);
  } catch {
    // The package is not installed, or has no binary for this machine.
    return undefined;
  }
}

/** Whether the adapter emulates a graphics card on the processor. Older runtimes have this property beside `info`. */
function isFallback(adapter: GPUAdapter): boolean {
  const { isFallbackAdapter, info } = adapter as { isFallbackAdapter?: boolean; info: { isFallbackAdapter?: boolean } };
  return info.isFallbackAdapter ?? isFallbackAdapter ?? false;
}
