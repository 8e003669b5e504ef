// Selects the tests of the executor contract that apply to clusters.

import { ALL, type Kind, runInstead } from "../executors.ts";

/** Tests that api.md excludes for clusters, and tests of the workers of a pool. */
const NOT_FOR_CLUSTERS: readonly RegExp[] = [
  // Clusters refuse inline tasks, transferred memory and objects that are bound to one machine.
  /runs inline tasks|returns inline tasks|passes tasks as arguments|moves a buffer|queues pass tasks on/,
  // Clusters refuse `retryIf` and priorities that are not integers.
  /asks retryIf|rejects at once at the limit of the last attempt|runs higher priorities sooner/,
  // A host runs only the tasks it was given, found by name.
  /returns tasks that are not exported/,
  // Retries outlive the executor, and `wait: false` leaves tasks to the hosts.
  /lets an attempt whose time is up be the last|lets the attempt that runs be the last|ends a pause at once, with the error/,
  /shutdown\(\{ wait: false \}\)/,
  // Tasks on other machines return one value each.
  /^carry\(\) passes values to a stream|carries values into a blocking call/,
  // These tests are about the engine of a pool at the end of a program.
  /interrupted|of a broken pool|ends with the error of its executor/,
  // The options and workers of pools belong to the hosts.
  /^refuses options of the wrong kind|as many workers as the runtime|breaks when the initializer fails/,
  /breaks when the arguments of the initializer|replaces a worker|replaces the worker when the grace|announces workers that start/,
];

/** Tests that do not pass on a cluster, and the reason to skip them. */
const EXCEPTIONS: readonly [RegExp, string][] = [
  [/^TaskGroup aborts running tasks and drops/, "a host may take the next task before the failure arrives"],
  [/^stats\(\) counts tasks by where they are/, "a cluster counts the workers of its hosts, as last reported"],
  [/^announces the start and end of tasks/, "a cluster does not number the workers of its hosts"],
  [/^publishes the same to diagnostics channels/, "the host of the test publishes to the same channels"],
  [/^submit\(\) returns tasks of modules that are not loaded/, "a cluster loads no module by a URL from the server"],
];

/** The files of the contract. */
const FILES = [
  "abort",
  "cancel",
  "carry",
  "compose",
  "errors",
  "futures",
  "life",
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

/** Registers the contract for a kind of cluster. */
export async function registerSuite(kind: Kind): Promise<void> {
  runInstead({
    kind,
    takes: (kinds, behaviour) => {
      // Tests that apply only to some kinds are about the workers of a pool.
      if (kinds !== ALL) return false;
      if (NOT_FOR_CLUSTERS.some((pattern) => pattern.test(behaviour))) return false;
      return EXCEPTIONS.find(([pattern]) => pattern.test(behaviour))?.[1] ?? true;
    },
  });
  for (const file of FILES) await import(`../../contract/executor_${file}_test.ts`);
}
