// Tests the enumerator itself: if it left sequences out, every test that uses it would pass.

import { test } from "node:test";
import { assertEquals, AssertionError, assertRejects, assertStringIncludes } from "@std/assert";
import { type Model, permutations, playAll, sequences } from "../support/interleave.ts";

/** Models threads with a number of steps each; an event is the step of a thread. */
function threads(...steps: number[]): Model<readonly number[], number> {
  return {
    start: steps,
    choices: (left) => [...left.keys()].filter((thread) => left[thread]! > 0),
    after: (left, thread) => left.map((count, index) => index === thread ? count - 1 : count),
  };
}

function orders(model: Model<readonly number[], number>, length: number): string[] {
  return [...sequences(model, length)].map((steps) => steps.map(({ op }) => op).join(""));
}

test("sequences() yields every interleaving of the steps of threads, each once", () => {
  assertEquals(orders(threads(1, 2), 9), ["011", "101", "110"]);
  const many = orders(threads(3, 3), 6);
  assertEquals([many.length, new Set(many).size], [20, 20]);
  assertEquals(orders(threads(2, 2, 2), 6).length, 90);
});

test("sequences() ends at its length, and earlier if no event is left", () => {
  assertEquals(orders(threads(2, 2), 1), ["0", "1"]);
  assertEquals(orders(threads(2, 2), 3), ["001", "010", "011", "100", "101", "110"]);
  assertEquals(orders(threads(), 3), []);
});

test("sequences() yields the expected state after each event", () => {
  const [first] = sequences(threads(1, 1), 2);
  assertEquals(first, [{ op: 0, after: [0, 1] }, { op: 1, after: [0, 0] }]);
});

test("permutations() yields every order, each once", () => {
  assertEquals([...permutations(["a", "b", "c"])].map((order) => order.join("")), [
    "abc",
    "acb",
    "bac",
    "bca",
    "cab",
    "cba",
  ]);
  assertEquals(new Set([...permutations([1, 2, 3, 4, 5])].map(String)).size, 120);
});

test("playAll() plays all events of every sequence from the start, and compares each state once", async () => {
  const played: string[] = [];
  let checks = 0;
  let ends = 0;
  const count = await playAll(threads(2, 1), 3, () => {
    let order = "";
    return {
      step: (op) => void (order += op),
      check: ([a, b]) => {
        checks++;
        assertEquals([2 - a!, 1 - b!], [order.split("0").length - 1, order.split("1").length - 1]);
      },
      end: () => {
        ends++;
        played.push(order);
      },
    };
  });
  assertEquals([count, ends, played], [3, 3, ["001", "010", "100"]]);
  // 0, 00, 001; 01, 010; 1, 10, 100.
  assertEquals(checks, 8);
});

test("playAll() names the events that led to a failure", async () => {
  const error = await assertRejects(() =>
    playAll(threads(2, 1), 3, () => ({
      step: () => {},
      check: ([, b]) => assertEquals(b, 1),
      end: () => {},
    })), AssertionError);
  assertStringIncludes(error.message, "After 0, 0, 1: Values are not equal");
});
