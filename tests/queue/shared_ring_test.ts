// Compares a ring with a plain array, for items of all sizes and all positions of the ring's end.

import { test } from "node:test";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { currentIdent, joinThreads, markDead, newIdent, threadTable } from "../../src/core/thread_table.ts";
import { SharedItem } from "../../src/queue/shared/item.ts";
import { HEAD, Region, SLOT_CELLS, TAIL } from "../../src/queue/shared/region.ts";
import { SharedRing } from "../../src/queue/shared/ring.ts";
import { NONE } from "../../src/queue/shared/store.ts";
import { random } from "../support/random.ts";
import { Mortal } from "./dying.ts";

const PIECE = 64;

function piecesOf({ size }: SharedItem): number {
  return Math.max(1, Math.ceil(size / PIECE));
}

test("SharedRing matches an array for items of any number of pieces, round after round", () => {
  const next = random(20_261);
  for (const pieces of [1, 2, 3, 7, 50]) {
    for (const maxSize of [0, 1, 4]) {
      const ring = new SharedRing(new Region(maxSize, pieces * PIECE, SLOT_CELLS));
      const model: SharedItem[] = [];
      let wraps = 0;
      for (let step = 0; step < 3_000; step++) {
        if (next() < 0.55) {
          const number = next() < 0.3;
          const item = new SharedItem(number ? step : String(step).repeat(Math.floor(next() * 14 * pieces) + 1), false);
          const used = model.reduce((sum, other) => sum + piecesOf(other), 0);
          const fits = used + piecesOf(item) <= pieces && (maxSize === 0 || model.length < maxSize);
          assertEquals([ring.hasRoom(item.size), ring.add(item)], [fits, fits]);
          if (fits) model.push(item);
        } else {
          const item = model.shift();
          assertEquals(ring.take(), item === undefined ? NONE : item.item);
          if (item !== undefined && ring.accounting.finish() && piecesOf(item) > 1) wraps++;
        }
        const { count, mayHaveItems, accounting } = ring;
        assertEquals([count, mayHaveItems, accounting.unfinished], [model.length, model.length > 0, model.length]);
      }
      if (pieces > 1) assertGreater(wraps, 20);
    }
  }
});

test("SharedRing passes items on while its head and tail wrap around", () => {
  const region = new Region(0, 2 * PIECE, SLOT_CELLS);
  const ring = new SharedRing(region);
  const seen = new Set<string>();
  for (let i = 0; i < 8; i++) {
    assert(ring.add(new SharedItem(i, false)));
    seen.add(`${region.cells[HEAD]} ${region.cells[TAIL]}`);
    assertEquals(ring.take(), i);
  }
  // Head and tail count to twice the number of pieces, and start again at 0.
  assertEquals(seen, new Set(["0 1", "1 2", "2 3", "3 0"]));
});

test("SharedRing.add() takes back the partial put of a thread that ended", () => {
  const own = currentIdent();
  let takenBack = 0;
  for (let n = 0, through = false; !through; n++) {
    const region = new Region(0, 4 * PIECE, SLOT_CELLS);
    const [ring, ident, mortal] = [new SharedRing(region), newIdent(), new Mortal(region)];
    joinThreads(threadTable(), ident);
    const its = new SharedRing(mortal.region);
    through = mortal.die(n, () => void its.add(new SharedItem("its", false)));
    joinThreads(threadTable(), own);
    markDead(ident);
    // Do not call `mend` first: `add` itself finds the lock of a dead thread.
    assert(ring.add(new SharedItem("mine", false)));
    const items = [ring.take(), ring.take()];
    const put = items[0] === "its";
    if (!put) takenBack++;
    assertEquals(items, put ? ["its", "mine"] : ["mine", NONE]);
    assertEquals(ring.accounting.unfinished, put ? 2 : 1);
  }
  assertGreater(takenBack, 5);
});
