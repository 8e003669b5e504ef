// Makes pictures grey and half as large, in processes, and reports progress.
//
//   deno run -A scripts/examples/images.ts [--pictures 24] [--size 512] [--workers 2]        (or bun, or node)
//
// The example first paints PNG files in a temporary folder. On Ctrl-C pictures in progress are finished or discarded, and no
// file is left half written.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gracefulShutdown, ProcessPoolExecutor } from "@heddle/heddle";
import { decode } from "fast-png";
import { paint, shrink } from "./image_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

type Numbers = Record<"pictures" | "size" | "workers", number>;

async function runImages({ pictures, size, workers }: Numbers): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-images-"));
  const pool = new ProcessPoolExecutor({ maxWorkers: workers });
  const ending = gracefulShutdown(pool, { deadline: 5_000 });
  const names = Array.from({ length: pictures }, (_, i) => `${i + 1}.png`);
  try {
    await pool.starmap(paint, names.map((name, i): [string, number, number] => [join(folder, name), size, i + 1]));
    const begin = performance.now();
    let shown = 0;
    const sizes = await pool.starmap(
      shrink,
      names.map((name): [string, string] => [join(folder, name), join(folder, `grey-${name}`)]),
      {
        onProgress: ({ completed, total }) => {
          const percent = Math.floor(100 * completed / total!);
          if (percent < shown + 25) return;
          shown = percent;
          console.log(`${percent}%: ${completed} of ${total} pictures`);
        },
      },
    );
    const kilobytes = Math.round(sizes.reduce((sum, bytes) => sum + bytes, 0) / 1024);
    const time = inSeconds(performance.now() - begin);
    console.log(`${pictures} pictures in ${time} by ${workers} processes: ${kilobytes} kB.`);
    const { width, height, channels } = decode(readFileSync(join(folder, "grey-1.png")));
    console.log(`The first one has ${width} by ${height} pixels in ${channels} channel.`);
    const files = readdirSync(folder);
    if (files.length !== 2 * pictures || width !== size >> 1 || channels !== 1) {
      throw new ExampleError(`Wrong results: there are ${files.length} files`);
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    const half = readdirSync(folder).filter((file) => file.endsWith(".part"));
    console.log(`Interrupted; ${half.length} files are half written.`);
  } finally {
    await pool.shutdown();
    rmSync(folder, { recursive: true, force: true });
    ending[Symbol.dispose]();
  }
}

if (import.meta.main) await runWithNumbers({ pictures: 24, size: 512, workers: 2 }, runImages);
