/**
 * Explains why a worker cannot be started.
 *
 * @module
 */

import process from "node:process";

/** The parameters of a start that can be the reason of a failure. */
export interface StartAttempt {
  /** The flags that would permit the start, if a permission is missing. */
  readonly flags?: readonly string[];
  /** The working directory of a process. */
  readonly cwd?: string | undefined;
  /** The file that a process runs. */
  readonly executable?: string;
}

/** Reasons for errors that the system reports only by a code. */
const REASONS: Readonly<Record<string, string>> = {
  EMFILE: "no file descriptors are left",
  ENFILE: "no file descriptors are left",
  EAGAIN: "the system allows no more processes or threads",
  ENOMEM: "the system has no memory left",
  E2BIG: "the environment and the arguments are too large",
};

/** A worker could not be started. The message explains the reason; `cause` is the error of the host. */
export class StartError extends Error {
  /** The flags that would permit the start, if a permission is missing. */
  readonly flags: readonly string[];

  /** Makes the error from an error of the host. */
  constructor(cause: unknown, attempt: StartAttempt = {}) {
    super(explain(cause, attempt), { cause });
    this.flags = attempt.flags ?? [];
  }
}

/** Whether an error of a starting worker reports that the system has run out of a resource. */
export function lacksResources(error: unknown): boolean {
  return (codeOf(error) ?? "") in REASONS;
}

/**
 * Throws if the program has too few descriptors left for the start of a worker. Deno and Bun end the whole program if a
 * thread gets none for its event loop. Deno also leaks the descriptors of a process that does not start.
 *
 * @param open opens a file and returns a function that closes it.
 */
export function requireDescriptors(count: number, open: (path: string) => () => void = openFile): void {
  const opened: (() => void)[] = [];
  try {
    while (opened.length < count) opened.push(open("/dev/null"));
  } catch (error) {
    const code = codeOf(error);
    // Any other error proves nothing: the program may lack the permission, or the system the file.
    if (code === "EMFILE" || code === "ENFILE") throw new StartError(error);
  } finally {
    for (const close of opened) close();
  }
}

function openFile(path: string): () => void {
  const { closeSync, openSync } = process.getBuiltinModule("node:fs");
  const descriptor = openSync(path, "r");
  return () => closeSync(descriptor);
}

function explain(error: unknown, { flags = [], cwd, executable }: StartAttempt): string {
  if (flags.length > 0) return `run with ${flags.join(" ")}`;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (code !== undefined && code in REASONS) return `${REASONS[code]} (${code})`;
  if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") {
    return reasonOfPath(cwd, executable, code) ?? message;
  }
  return message;
}

/** Finds the reason in the paths of a start: hosts name the executable even if the working directory is missing. */
function reasonOfPath(cwd: string | undefined, executable: string | undefined, code: string): string | undefined {
  if (cwd !== undefined) {
    const found = look(cwd);
    if (found === "missing") return `the working directory does not exist: ${cwd}`;
    if (found === "file") return `the working directory is not a directory: ${cwd}`;
    if (!mayEnter(cwd)) return `the working directory may not be entered: ${cwd}`;
  }
  if (executable === undefined) return undefined;
  if (look(executable) === "missing") return `the executable of the runtime does not exist: ${executable}`;
  return code === "EACCES" ? `the executable of the runtime may not be run: ${executable}` : undefined;
}

function look(path: string): "missing" | "file" | "directory" | undefined {
  try {
    return process.getBuiltinModule("node:fs").statSync(path).isDirectory() ? "directory" : "file";
  } catch (error) {
    const code = codeOf(error);
    return code === "ENOENT" || code === "ENOTDIR" ? "missing" : undefined;
  }
}

/** Returns false only if the system denies access. */
function mayEnter(path: string): boolean {
  try {
    const { accessSync, constants } = process.getBuiltinModule("node:fs");
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    return codeOf(error) !== "EACCES";
  }
}

/** Returns the system's code of an error; some hosts give it only in the message. */
function codeOf(error: unknown): string | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return code;
  if (typeof message !== "string") return undefined;
  return /\bE[A-Z0-9]{3,}\b/.exec(message)?.[0] ?? (/too many open files/i.test(message) ? "EMFILE" : undefined);
}
