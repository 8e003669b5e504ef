// Checks that imports have no cycles, so that every folder can be read from bottom to top. Type imports count.

import { posix } from "node:path";
import type { Check, Finding } from "./check.ts";
import { importsOf, list, read } from "./sources.ts";

/**
 * Imports that are ignored, by importing file: types that refer to each other. A future chains tasks to executors, and
 * executors return futures. A job refers to its worker, and a worker to its jobs.
 */
const EXEMPT: Record<string, readonly string[]> = {
  "src/futures/future.ts": ["src/futures/chain.ts", "src/futures/executor.ts"],
  "src/pool/engine/job.ts": ["src/pool/workers/pool_worker.ts"],
};

/** No file imports itself, directly or through others. */
export const cycles: Check = {
  name: "no file imports itself through others",
  run: () => {
    const files = ["src", "bench", "tests", "scripts"].flatMap(list).filter((path) => path.endsWith(".ts"));
    const found = findCycles(new Map(files.map((path) => [path, targetsOf(path)])));
    return found.map((cycle): Finding => ({
      file: cycle[0]!,
      message: `Imports itself: ${
        [...cycle, cycle[0]].join(" -> ")
      }. Move the shared part into a file that both import`,
    }));
  },
};

function targetsOf(path: string): string[] {
  const targets = importsOf(read(path)).filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier));
  return targets.filter((target) => !EXEMPT[path]?.includes(target));
}

/** Finds cycles in a graph: the shortest cycle of each node, and each set of nodes once. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found = new Map<string, string[]>();
  for (const node of graph.keys()) {
    const cycle = shortestCycle(graph, node);
    if (cycle !== undefined) found.set([...cycle].sort().join(), cycle);
  }
  return [...found.values()];
}

function shortestCycle(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const before = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) return pathTo(node, before);
      if (before.has(next)) continue;
      before.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
}

function pathTo(node: string, before: ReadonlyMap<string, string>): string[] {
  const path: string[] = [];
  for (let at: string | undefined = node; at !== undefined; at = before.get(at)) path.unshift(at);
  return path;
}
