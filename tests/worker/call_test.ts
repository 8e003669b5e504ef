import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { Call } from "../../src/worker/call.ts";

function callOf(reports: unknown[] = []): Call {
  const sink = { progress: (call: Call, value: unknown) => void reports.push([call.number, value]) };
  return new Call(3, 1, false, 7, "a pool", sink, 100);
}

test("Call tells a task its worker and attempt", () => {
  const { attempt, workerId, executor } = callOf();
  assertEquals({ attempt, workerId, executor }, { attempt: 1, workerId: 7, executor: "a pool" });
});

test("Call.id is that of its first attempt, or was set by another executor", () => {
  const call = callOf();
  assertEquals(call.id, "a pool-3");
  call.first = 1;
  assertEquals(call.id, "a pool-1");
  call.taskId = "key";
  assertEquals(call.id, "key");
});

test("Call.signal is the same every time, and fires once with the reason", () => {
  const call = callOf();
  const { signal } = call;
  const heard: unknown[] = [];
  signal.addEventListener("abort", () => heard.push(signal.reason));
  assertStrictEquals(call.signal, signal);
  call.abort("first");
  call.abort("second");
  assertEquals([signal.aborted, heard], [true, ["first"]]);
});

test("Call.signal has already fired if it is read after the abort", () => {
  const call = callOf();
  call.abort("early");
  assertEquals([call.signal.aborted, call.signal.reason], [true, "early"]);
});

test("Call.progress() passes the reports of the task on", () => {
  const reports: unknown[] = [];
  const call = callOf(reports);
  call.progress(0.5);
  call.progress({ done: 1 });
  assertEquals(reports, [[3, 0.5], [3, { done: 1 }]]);
});
