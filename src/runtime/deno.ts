/**
 * The adapter for Deno.
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
import { divertAll } from "./divert_console.ts";
import { afterOutput } from "./output.ts";
import { watchConsole, watchPrinting } from "./printed.ts";
import { type Command, type Missing, startProcess } from "./process_start.ts";
import { requireDescriptors, StartError } from "./start_error.ts";
import type { ProcessStart, Runtime } from "./types.ts";
import { inItsContext, noteTimerErrors } from "./thrown_in_timers.ts";
import { compiledScope, compiledWorker, refuseFlags } from "./worker_scope.ts";

/** The number of descriptors that the start of a process takes, and that of a thread before its code runs. */
const PROCESS_DESCRIPTORS = 14, THREAD_DESCRIPTORS = 8;

/** The part of the `Deno` namespace used here, so that the source also compiles where the namespace is not declared. */
interface DenoHost {
  errors: Record<string, new (message: string) => Error>;
  build: { standalone?: boolean };
  mainModule: string;
  stdout: object;
  stderr: object;
  openSync(path: string): { close(): void };
}

const host = (globalThis as { Deno?: DenoHost }).Deno;

/** Whether the program was compiled: its executable then starts only the program. */
const COMPILED = host?.build.standalone === true;

/** The adapter for Deno. */
export const deno: Runtime = {
  ...shared,
  name: "deno",
  worker: COMPILED && mayReadEnvironment() ? compiledScope(host!.mainModule) : shared.worker,
  threadsOutliveKill: true,
  limitsThreads: false,
  movesBuffers: false,
  // Waking a thread takes up to 0.4 ms, but a spinning thread takes a core from the others. A spinning event loop polls
  // its pipes only every 61st turn; a sleeping one reads them at once. A process should therefore fall asleep about
  // when the answer to a short task arrives.
  maxSpin: { thread: 0.2, process: 0.02 },
  errorClasses: host?.errors ?? {},
  startThread: (entry, data, name, events) => {
    // Checked here because the thread itself would fail only once it runs.
    if (!mayRead(entry)) {
      const refused = new host!.errors.NotCapable!(`Requires read access to "${entry}"`);
      throw new StartError(refused, { flags: missingForModules([entry]) });
    }
    // Without a limit of its own, a thread that runs out of memory ends the whole program.
    const maxOldGenerationSizeMb = Math.floor(v8.getHeapStatistics().heap_size_limit / 2 ** 20);
    const options = {
      resourceLimits: { maxOldGenerationSizeMb },
      requireDescriptors: requireForThreads,
      program: denoProgram(),
    };
    return startThread(entry, data, name, events, options);
  },
  // Deno reports out-of-memory only from event-loop callbacks, not from message delivery.
  parentThread: () => {
    const parent = shared.parentThread();
    const divertOutput = (taker: (descriptor: 1 | 2, bytes: Uint8Array) => void) => {
      divertAll(taker);
      divertStream(host!.stdout, (bytes) => taker(1, bytes));
      divertStream(host!.stderr, (bytes) => taker(2, bytes));
    };
    const listen = (message: (data: unknown) => void) => parent.listen((data) => shared.defer(() => message(data)));
    return { ...parent, divertOutput, listen };
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
  // Creating an async context takes half a microsecond, and its content survives the next minor garbage collection,
  // used or not.
  costlyAsyncContexts: true,
  servesResponses: true,
  // A spinning event loop does not poll its pipes in each turn; a sleeping one does (see the spin times above).
  afterOutput: (callback) => afterOutput(callback, (fn) => void shared.startTimer(fn, 1, false)),
  // Callbacks of sockets run in the async context of the last module that was evaluated.
  forgetContext: () => importModule(`data:text/javascript,//${++imports}`),
  catchUnhandled: (handler) => {
    noteTimerErrors();
    shared.catchUnhandled(inItsContext(handler));
  },
  // `Deno.exit` does not emit the exit event of `process`.
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

/** Passes on what is written to a stream of the host itself. */
function divertStream(stream: object, taker: (bytes: Uint8Array) => void): void {
  const writeSync = (bytes: Uint8Array) => (taker(bytes.slice()), bytes.length);
  Object.assign(stream, { writeSync, write: (bytes: Uint8Array) => Promise.resolve(writeSync(bytes)) });
}

function requireForThreads(threads: number): void {
  requireDescriptors(THREAD_DESCRIPTORS * threads, openFile);
}

/**
 * Opens a file with Deno's own function: loading `node:fs` takes some 30 ms, which programs without processes need not
 * spend.
 */
function openFile(path: string): () => void {
  const file = host!.openSync(path);
  return () => file.close();
}

/** Returns the command of a compiled program. Its workers have the permissions with which it was compiled. */
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

/** Makes the URL of each import unique: a module that was imported before is not evaluated again. */
let imports = 0;

/** Returns the command of a worker process. */
function commandOf(start: ProcessStart, missing: Missing): Omit<Command, "cwd"> {
  try {
    const { flags, program } = programWith(start.execArgs);
    return {
      // `fork` and `eval` would give the process every permission; `run` gives it the permissions of the flags.
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
 * Adds a denied permission to flags without any. Deno's `spawn` gives its own executable every permission if the
 * command line names none.
 */
function limiting(flags: string[]): string[] {
  return flags.some((flag) => /^(--allow-|-A)/.test(flag)) ? flags : [...flags, "--deny-ffi"];
}

/**
 * Makes Deno forget a signal that was sent. Deno assumes that the signal ends the process: it sends no further ones,
 * and reports this one even if the process handled it. Without the record, Deno reports what the system says.
 */
function forgetSignal(child: object): void {
  Object.assign(child, { killed: false, signalCode: null });
}

function isRefusal(error: unknown): error is Error {
  return (error as Error | undefined)?.name === "NotCapable";
}

/** Returns the flag that Deno's message names. */
function missingPermissions(error: unknown): string[] {
  return isRefusal(error) ? [/--allow-[a-z]+/.exec(error.message)?.[0] ?? "--allow-all"] : [];
}
