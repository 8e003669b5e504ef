import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { lacksResources, requireDescriptors, StartError } from "../../src/runtime/start_error.ts";

const FILE = fileURLToPath(import.meta.url);
const FOLDER = fileURLToPath(new URL(".", import.meta.url));

function coded(code: string, message = "spawn failed"): Error {
  return Object.assign(new Error(message), { code });
}

test("StartError describes the system's error code in words", () => {
  for (
    const [code, words] of [
      ["EMFILE", "no file descriptors are left (EMFILE)"],
      ["ENFILE", "no file descriptors are left (ENFILE)"],
      ["EAGAIN", "the system allows no more processes or threads (EAGAIN)"],
      ["ENOMEM", "the system has no memory left (ENOMEM)"],
      ["E2BIG", "the environment and the arguments are too large (E2BIG)"],
      ["EIO", "spawn failed"],
    ] as const
  ) { // deno-fmt-ignore
    const cause = coded(code);
    const error = new StartError(cause);
    assertEquals([error.message, error.cause, error.flags], [words, cause, []]);
  }
});

test("StartError finds the code in the message if the host gives it only there", () => {
  const init = coded("ERR_WORKER_INIT_FAILED", "Worker initialization failure: EMFILE");
  assertEquals(new StartError(init).message, "no file descriptors are left (EMFILE)");
  const config = coded("ERR_INVALID_PACKAGE_CONFIG", "Cannot read package config /package.json: too many open files.");
  assertEquals(new StartError(config).message, "no file descriptors are left (EMFILE)");
  assertEquals([lacksResources(init), lacksResources(config)], [true, true]);
  for (const other of [coded("ENOENT"), new Error("EVERYTHING is fine"), undefined, null, "EMFILE", { message: 1 }]) {
    assertEquals(lacksResources(other), false);
  }
});

test("StartError distinguishes a missing working directory from a missing executable", () => {
  const missing = coded("ENOENT", "spawn node ENOENT");
  const words = (cwd: string | undefined, executable: string, code = "ENOENT") => {
    return new StartError(code === "ENOENT" ? missing : coded(code), { cwd, executable }).message;
  };
  assertEquals(words("/not/there", FILE), "the working directory does not exist: /not/there");
  assertEquals(words(`${FILE}/below`, FILE), `the working directory does not exist: ${FILE}/below`);
  assertEquals(words(FILE, FILE), `the working directory is not a directory: ${FILE}`);
  assertEquals(words(FOLDER, "/not/there"), "the executable of the runtime does not exist: /not/there");
  assertEquals(words(undefined, "/not/there"), "the executable of the runtime does not exist: /not/there");
  assertEquals(words(undefined, FILE, "EACCES"), `the executable of the runtime may not be run: ${FILE}`);
  assertEquals(words(FOLDER, FILE), "spawn node ENOENT");
  assertEquals(new StartError(missing).message, "spawn node ENOENT");
});

test("StartError names all flags that would permit the start", () => {
  const error = new StartError(new Error("refused"), { flags: ["--allow-run", "--allow-env"] });
  assertEquals([error.message, error.flags], ["run with --allow-run --allow-env", ["--allow-run", "--allow-env"]]);
});

test("StartError accepts any thrown value", () => {
  for (const thrown of [undefined, null, 0, "text", Symbol("s")]) {
    assertEquals(new StartError(thrown).message, String(thrown));
  }
});

test("requireDescriptors() throws if too few are free, and leaves none open", () => {
  requireDescriptors(0);
  requireDescriptors(10);
  let thrown: unknown;
  try {
    requireDescriptors(10_000_000);
  } catch (error) {
    thrown = error;
  }
  assertInstanceOf(thrown, StartError);
  assertEquals(thrown.message, "no file descriptors are left (EMFILE)");
  requireDescriptors(10);
  assert(!lacksResources(new Error("other")));
});
