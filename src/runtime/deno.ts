/**
 * Deno.
 *
 * @module
 */

import v8 from "node:v8";
import { importModule } from "../core/import_module.ts";
import { bootstrap, dataModule } from "./bootstrap.ts";
import { denoProgram, programWith } from "./deno_config.ts";
import {
  mayRead,
  mayReadEnvironment,
  missingForModules,
  missingForProcesses,
  permissionFlags,
} from "./deno_permissions.ts";
import { mergeEnvironment, openSocket, parentProcess, shared, startThread } from "./node_compat.ts";
import { afterOutput } from "./output.ts";
import { watchConsole, watchPrinting } from "./printed.ts";
import { type Command, type Missing, startProcess } from "./process_start.ts";
import { requireDescriptors, StartError } from "./start_error.ts";
import type { ProcessStart, Runtime } from "./types.ts";
import { inItsContext, noteTimerErrors } from "./thrown_in_timers.ts";
import { compiledScope, compiledWorker, refuseFlags } from "./worker_scope.ts";

/** How many descriptors the start of a process takes, and that of a thread before its code runs. */
const PROCESS_DESCRIPTORS = 14, THREAD_DESCRIPTORS = 8;

/** The part of the `Deno` namespace used here, so that the source also compiles where it is not declared. */
interface DenoHost {
  errors: Record<string, new (message: string) => Error>;
  build: { standalone?: boolean };
  mainModule: string;
  stdout: object;
  stderr: object;
  openSync(path: string): { close(): void };
}

const host = (globalThis as { Deno?: DenoHost }).Deno;

/** Whether the program was compiled: its executable starts nothing but the program then. */
const COMPILED = host?.build.standalone === true;

/** Deno. */
export const deno: Runtime = {
  ...shared,
  name: "deno",
  worker: COMPILED && mayReadEnvironment() ? compiledScope(host!.mainModule) : shared.worker,
  threadsOutliveKill: true,
  movesBuffers: false,
  // To be woken takes a thread up to 0.4 ms, but whoever looks takes a core from the others. A loop that turns looks at its
  // pipes in every 61st turn only, and one that sleeps looks at once: the best moment to fall asleep is when the answer to a
  // short task is there.
  longestLook: { thread: 0.2, process: 0.02 },
  errorClasses: host?.errors ?? {},
  startThread: (entry, data, name, events) => {
    // The thread would find out for itself, but only once it runs.
    if (!mayRead(entry)) {
      const refused = new host!.errors.NotCapable!(`Requires read access to "${entry}"`);
      throw new StartError(refused, { flags: missingForModules([entry]) });
    }
    // Without a limit of its own, a thread that runs out of memory takes the program along.
    const maxOldGenerationSizeMb = Math.floor(v8.getHeapStatistics().heap_size_limit / 2 ** 20);
    const options = {
      resourceLimits: { maxOldGenerationSizeMb },
      requireDescriptors: requireForThreads,
      program: denoProgram(),
    };
    return startThread(entry, data, name, events, options);
  },
  // It says so only if the memory ran out in a callback of its loop, not if it did in the delivery of a message.
  parentThread: () => {
    const parent = shared.parentThread();
    return { ...parent, listen: (message) => parent.listen((data) => shared.defer(() => message(data))) };
  },
  startProcess: (start, events) => {
    requireDescriptors(PROCESS_DESCRIPTORS, openFile);
    const missing = (error: unknown) => isRefusal(error) ? missingForProcesses(start.modules) : [];
    const command = COMPILED ? compiledCommand(start) : commandOf(start, missing);
    return startProcess({ ...command, cwd: start.cwd }, events, { missing, signalled: forgetSignal });
  },
  parentProcess: () => {
    watchConsole();
    for (const stream of [host!.stdout, host!.stderr]) watchPrinting(stream, ["write", "writeSync"]);
    return parentProcess(openSocket);
  },
  // To make one takes half a microsecond, and what it holds outlives the next collection of young objects, used or not.
  dearContexts: true,
  // A loop that turns does not look at its pipes each time, one that sleeps does: see `longestLook`.
  afterOutput: (callback) => afterOutput(callback, (fn) => void shared.startTimer(fn, 1, false)),
  // Callbacks of sockets run in the async context of the last module that was evaluated.
  forgetContext: () => importModule(`data:text/javascript,//${++imports}`),
  catchUnhandled: (handler) => {
    noteTimerErrors();
    shared.catchUnhandled(inItsContext(handler));
  },
  // `Deno.exit` does not tell `process`.
  beforeExit: (fn) => {
    shared.beforeExit(fn);
    addEventListener("unload", fn);
  },
  onExit: (fn) => {
    const stop = shared.onExit(fn);
    addEventListener("unload", fn);
    return () => {
      stop();
      removeEventListener("unload", fn);
    };
  },
  missingPermissions,
};

function requireForThreads(threads: number): void {
  requireDescriptors(THREAD_DESCRIPTORS * threads, openFile);
}

/** Deno's own function: to load `node:fs` takes some 30 ms, which a program without processes is spared. */
function openFile(path: string): () => void {
  const file = host!.openSync(path);
  return () => file.close();
}

/** A compiled program has the permissions that it was compiled with, and so have its workers. */
function compiledCommand({ execArgs, permissions, hello, env }: ProcessStart): Omit<Command, "cwd"> {
  refuseFlags(execArgs);
  if (permissions !== "inherit") {
    throw new TypeError(
      `Cannot limit the permissions of a process of a compiled program: current value is ${
        JSON.stringify(permissions)
      }`,
    );
  }
  return { args: [], env: mergeEnvironment({ ...env, ...compiledWorker({ start: "serveProcess", hello }) }) };
}

/** A module that was imported before is not evaluated again, so each has an address of its own. */
let imports = 0;

/** The command line of a worker process. */
function commandOf(start: ProcessStart, missing: Missing): Omit<Command, "cwd"> {
  try {
    const { flags, program } = programWith(start.execArgs);
    return {
      // `fork` and `eval` would give the process every permission; `run` gives it what the flags say.
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        ...flags,
        ...limiting(permissionFlags(start.permissions, [start.entry, ...start.modules])),
        ...start.execArgs,
        dataModule(bootstrap(start.entry, "serveProcess", start.hello, program)),
      ],
      env: mergeEnvironment(start.env),
    };
  } catch (error) {
    throw new StartError(error, { flags: missing(error) });
  }
}

/**
 * Deno's `spawn` gives its own executable every permission if the command line names none, so that a worker that is to
 * have none is denied one by name.
 */
function limiting(flags: string[]): string[] {
  return flags.some((flag) => /^(--allow-|-A)/.test(flag)) ? flags : [...flags, "--deny-ffi"];
}

/**
 * Deno takes a signal that was sent for the way the process ends: it sends no further ones, and tells of this one even
 * if the process handled it. What it does not remember it leaves to the system to tell.
 */
function forgetSignal(child: object): void {
  Object.assign(child, { killed: false, signalCode: null });
}

function isRefusal(error: unknown): error is Error {
  return (error as Error | undefined)?.name === "NotCapable";
}

/** Deno's message names the flag. */
function missingPermissions(error: unknown): string[] {
  return isRefusal(error) ? [/--allow-[a-z]+/.exec(error.message)?.[0] ?? "--allow-all"] : [];
}
