// Tests the features of processes only: ids, exit codes, signals and output.

import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { BrokenExecutorError, inline, Process, type ProcessOptions, WorkerLostError } from "../../mod.ts";
import { exit, flood, hostExit, killSelf, print } from "../fixtures/fault_tasks.ts";
import { throwNow } from "../fixtures/failing_tasks.ts";
import { add, hearAndReturn, hearAndThrow, hearReason, neverEnd, pid } from "../fixtures/tasks.ts";
import { untilStarted, within } from "../support/poll.ts";
import { alive } from "../support/program.ts";
import { POSIX } from "../support/runtime.ts";
import { PROMPT, SHORT, TEST_LIMIT } from "../support/timing.ts";
import { hearInterrupt, refuseTerm, spinAloud } from "../thread/tasks.ts";

const timeout = TEST_LIMIT;
const NO_SIGNALS = !POSIX && "this system has no signals";
const signals = { timeout, skip: NO_SIGNALS };
const place = inline(() => {
  const { process } = globalThis as unknown as { process: { cwd(): string; env: Record<string, string | undefined> } };
  return [process.cwd(), process.env.HEDDLE_GIVEN];
});

function running<R>(process: Process<R>): Promise<void> {
  process.start();
  return untilStarted(process.result);
}

test("Process.pid is the id of the process that runs the task", { timeout }, async () => {
  const process = new Process(pid);
  assertEquals([process.pid, process.exitCode, process.signal], [undefined, undefined, undefined]);
  process.start();
  assertEquals([await process.result, process.ident], [process.pid, process.pid]);
  await process.join();
  assert(!await alive(process.pid!));
});

test("Process.exitCode is 0 for a task that returned, 1 for one that threw", { timeout }, async () => {
  const [good, bad] = [new Process(add, [1, 2]).start(), new Process(throwNow, ["Error"]).start()];
  assertEquals([good.exitCode, bad.exitCode], [undefined, undefined]);
  assertEquals(await good.exited, { exitCode: 0, signal: undefined });
  assertEquals(await bad.exited, { exitCode: 1, signal: undefined });
  assertEquals([good.exitCode, good.signal, bad.exitCode, bad.signal], [0, undefined, 1, undefined]);
});

test("Process.exitCode is the code that the task passed to exit", { timeout }, async () => {
  for (const [task, code] of [[exit, 0], [exit, 3], [hostExit, 7]] as const) {
    const process = new Process(task, [code]).start();
    assertEquals(await process.exited, { exitCode: code, signal: undefined });
    const error = await process.result.exception();
    assertInstanceOf(error, WorkerLostError);
    assertEquals(error.exitCode, code);
  }
});

test("Process.signal names the signal that killed it", signals, async () => {
  const process = new Process(killSelf).start();
  assertEquals(await process.exited, { exitCode: undefined, signal: "SIGKILL" });
  assertEquals([process.exitCode, process.signal], [undefined, "SIGKILL"]);
  const error = await process.result.exception();
  assertInstanceOf(error, WorkerLostError);
  assertEquals(error.signal, "SIGKILL");
});

for (const [how, signal] of [["terminate", "SIGTERM"], ["kill", "SIGKILL"]] as const) {
  test(`Process.${how}() ends a process that computes, by ${signal}`, signals, async () => {
    const process = new Process<unknown>(spinAloud);
    await running(process);
    await within("its end", process[how]());
    assertEquals([process.alive, process.signal], [false, signal]);
    assertInstanceOf(await process.result.exception(), WorkerLostError);
    assertEquals(await process.exited, { exitCode: undefined, signal });
  });
}

test("Process.kill() ends a process that ignores SIGTERM", signals, async () => {
  const process = new Process<unknown>(refuseTerm);
  await running(process);
  const ended = process.terminate();
  await assertRejects(() => process.join({ timeout: SHORT }), Error);
  await within("its end", process.kill());
  await ended;
  assertEquals(process.signal, "SIGKILL");
});

test("Process.interrupt() fires the signal of the task, which may still return", signals, async () => {
  const process = new Process(hearAndReturn);
  await running(process);
  process.interrupt();
  assertEquals(await process.result, "heard");
  assertEquals(await process.exited, { exitCode: 0, signal: undefined });
});

test("Process.interrupt() passes an AbortError as the reason", signals, async () => {
  const [returns, throws] = [new Process(hearReason), new Process<unknown>(hearAndThrow)];
  await Promise.all([running(returns), running(throws)]);
  returns.interrupt();
  throws.interrupt();
  assertEquals((await returns.result as Error).name, "AbortError");
  const error = await throws.result.exception() as DOMException;
  assertEquals([error.name, error.message], ["AbortError", `${throws.name} was interrupted`]);
  assertEquals(await throws.exited, { exitCode: 1, signal: undefined });
  await returns.join();
});

test("Process.interrupt() reaches the task's own listeners", signals, async () => {
  const process = new Process(hearInterrupt);
  await running(process);
  process.interrupt();
  assertEquals(await process.result, ["AbortError", `${process.name} was interrupted`]);
  assertEquals((await process.exited).exitCode, 0);
});

test("Process.interrupt() kills a task that ignores it, after a second", signals, async () => {
  const process = new Process<unknown>(spinAloud);
  await running(process);
  process.interrupt();
  assertEquals((await process.result.exception() as Error).name, "AbortError");
  assertEquals(await within("its end", process.exited), { exitCode: undefined, signal: "SIGKILL" });
});

test("Process.interrupt() and kill() have no effect before the start and after the end", { timeout }, async () => {
  const process = new Process(add, [1, 2]);
  process.interrupt();
  await process.kill();
  assertEquals(await process.start().result, 3);
  await process.join();
  process.interrupt();
  await process.kill();
  assertEquals([process.result.resultNow(), process.exitCode], [3, 0]);
});

test("Process that is killed from outside is lost", signals, async () => {
  const { default: host } = await import("node:process");
  const process = new Process<unknown>(neverEnd);
  await running(process);
  host.kill(process.pid!, "SIGKILL");
  const error = await process.result.exception();
  assertInstanceOf(error, WorkerLostError);
  assertEquals([error.signal, (await process.exited).signal], ["SIGKILL", "SIGKILL"]);
});

test("Process passes environment and working directory on", { timeout }, async () => {
  const process = new Process(place, [], { env: { HEDDLE_GIVEN: "yes" }, cwd: "/" }).start();
  assertEquals(await process.result, ["/", "yes"]);
  await process.join();
});

test("Process that cannot be started reports the reason", { timeout }, async () => {
  const process = new Process(add, [1, 2], { cwd: "/no/such/folder" }).start();
  const error = await process.result.exception();
  assertInstanceOf(error, BrokenExecutorError);
  assert(error.message.includes(process.name), error.message);
  assertEquals((await within("its end", process.exited)).signal, undefined);
  assertNotEquals(process.exitCode, 0);
  await process.join();
});

test("Process rejects options of the wrong kind", () => {
  const wrong = (options: unknown, message: string) =>
    assertEquals(
      assertThrows(() => new Process(add, [1, 2], options as ProcessOptions), TypeError).message,
      `Cannot make a Process as ${message}`,
    );
  wrong(5, "'options' must be an object: current value is 5");
  wrong({ cwd: 5 }, "'cwd' must be a string: current value is 5");
  wrong({ env: 5 }, "'env' must be an object: current value is 5");
  wrong({ execArgs: "-x" }, `'execArgs' must be an array of strings: current value is "-x"`);
  wrong({ stdout: "file" }, `'stdout' must be one of "inherit", "pipe": current value is "file"`);
  wrong({ stderr: true }, `'stderr' must be one of "inherit", "pipe": current value is true`);
});

async function textOf(stream: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream!) text += decoder.decode(chunk, { stream: true });
  return text;
}

test("Process.stdout and stderr return the process's output if piped", { timeout }, async () => {
  const out = new Process(print, ["o", 2], { stdout: "pipe", stderr: "pipe" }).start();
  assertEquals([await textOf(out.stdout), await textOf(out.stderr)], ["o 0\no 1\n", ""]);
  const err = new Process(print, ["e", 2, "stderr"], { stderr: "pipe" }).start();
  assertEquals([await textOf(err.stderr), err.stdout], ["e 0\ne 1\n", undefined]);
  await Promise.all([out.join(), err.join()]);
});

test("Process.stdout keeps output from before it was read, even after the end", { timeout }, async () => {
  const process = new Process(print, ["late", 3], { stdout: "pipe" }).start();
  await process.join();
  assertEquals(await textOf(process.stdout), "late 0\nlate 1\nlate 2\n");
  assertEquals(await textOf(process.stdout), "");
});

test("Process is not blocked by output that is never read", { timeout }, async () => {
  const process = new Process(flood, [4], { stdout: "pipe" }).start();
  assertEquals(await within("the result", process.result), 4);
  await within("its end", process.join(), PROMPT * 2);
  let size = 0;
  for await (const chunk of process.stdout!) size += chunk.length;
  assertEquals(size, 4 * 2 ** 20);
});
