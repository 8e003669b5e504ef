import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { byNearness, nearest } from "../../src/core/nearest.ts";

const NAMES = ["maxWorkers", "minWorkers", "name", "daemon", "timeout"];

test("nearest() finds the word behind a typing error", () => {
  const slips: [string, string | undefined][] = [
    ["maxWorker", "maxWorkers"],
    ["MaxWorkers", "maxWorkers"],
    ["max_workers", "maxWorkers"],
    ["minworkers", "minWorkers"],
    ["tiemout", "timeout"],
    ["nmae", "name"],
    ["deamon", "daemon"],
    ["nice", undefined],
    ["max", "maxWorkers"],
    ["time", "timeout"],
    ["", undefined],
    ["x", undefined],
    ["retries", undefined],
  ];
  for (const [slip, meant] of slips) assertEquals(nearest(slip, NAMES), meant, slip);
  assertEquals(nearest("name", []), undefined);
});

test("byNearness() lists all words, the nearest first", () => {
  assertEquals(byNearness("maxworker", new Set(NAMES)).slice(0, 2), ["maxWorkers", "minWorkers"]);
  assertEquals(byNearness("x", NAMES).length, NAMES.length);
});
