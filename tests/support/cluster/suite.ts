// Which tests of the contract are for clusters.

import { ALL, type Kind, runInstead } from "../executors.ts";

/** What api.md excludes for clusters, or what is about the workers of a pool and not about its executor. */
const NOT_FOR_CLUSTERS: readonly RegExp[] = [
  // Inline tasks, moved memory and what is bound to one machine are refused.
  /runs inline tasks|returns inline tasks|passes tasks as arguments|moves a buffer|queues pass tasks on/,
  // So are `retryIf` and priorities that are no integers.
  /asks retryIf|rejects at once at the limit of the last attempt|runs higher priorities sooner/,
  // A host runs what it was given, by name.
  /returns tasks that are not exported/,
  // Retries survive the executor, and `wait: false` leaves tasks to the hosts.
  /lets an attempt whose time is up be the last|lets the attempt that runs be the last|ends a pause at once, with the error/,
  /shutdown\(\{ wait: false \}\)/,
  // What the end of a program does to the engine of a pool.
  /interrupted|of a broken pool|ends with what ends its executor|if the program is told to end/,
  // Options of a pool, and its workers: they are the hosts'.
  /^refuses options of the wrong kind|as many workers as the runtime|breaks when the initializer fails/,
  /breaks when the arguments of the initializer|replaces a worker|replaces the worker when the grace|announces workers that start/,
];

/** Tests that a cluster does not pass, and why. */
const EXCEPTIONS: readonly [RegExp, string][] = [
  [/^TaskGroup aborts running tasks and drops/, "a host may take the next task before the failure is heard"],
  [/^stats\(\) counts tasks by where they are/, "its workers are those of the hosts, as they last told"],
  [/^announces the start and end of tasks/, "the workers of hosts have no number here"],
  [/^publishes the same to diagnostics channels/, "the host of the test publishes to the same channels"],
  [/^submit\(\) returns tasks of modules that are not loaded/, "no address from the server is ever loaded"],
];

/** The files of the suite. */
const FILES = [
  "abort",
  "cancel",
  "carry",
  "compose",
  "errors",
  "futures",
  "links",
  "map",
  "map_dropped",
  "map_limits",
  "map_sources",
  "map_unobserved",
  "options",
  "refusals",
  "retry",
  "shutdown",
  "stats",
  "submit",
  "tasks_as_values",
  "values",
  "with",
]; // deno-fmt-ignore

/** Registers the suite for a kind of cluster. */
export async function registerSuite(kind: Kind): Promise<void> {
  runInstead({
    kind,
    takes: (kinds, behaviour) => {
      // Those for some kinds are about the workers of a pool.
      if (kinds !== ALL) return false;
      if (NOT_FOR_CLUSTERS.some((pattern) => pattern.test(behaviour))) return false;
      return EXCEPTIONS.find(([pattern]) => pattern.test(behaviour))?.[1] ?? true;
    },
  });
  for (const file of FILES) await import(`../../contract/executor_${file}_test.ts`);
}
