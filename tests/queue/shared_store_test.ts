// Tests a shared queue whose thread dies in the middle of an operation, at each access to the memory.

import { test } from "node:test";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { currentIdent, joinThreads, markDead, newIdent, threadTable } from "../../src/core/thread_table.ts";
import { SharedItem } from "../../src/queue/shared/item.ts";
import { SharedLifo } from "../../src/queue/shared/order.ts";
import { SharedRecords } from "../../src/queue/shared/records.ts";
import { RECORD_CELLS, Region, SHUT, SLOT_CELLS } from "../../src/queue/shared/region.ts";
import { SharedRing } from "../../src/queue/shared/ring.ts";
import { NONE, type SharedStore } from "../../src/queue/shared/store.ts";
import { SharedTree } from "../../src/queue/shared/tree.ts";
import { SLOW_TEST_LIMIT as timeout } from "../support/timing.ts";
import { Mortal } from "./dying.ts";

/** An item that spans many pieces, placed in the holes between others. */
const LONG = "long ".repeat(60);
const PIECES = 20;

interface Kind {
  readonly name: string;
  readonly pieceCells: number;
  open(region: Region): SharedStore;
  readonly sorted: boolean;
  /** The order in which items come out. */
  order(items: string[]): string[];
}

const KINDS: readonly Kind[] = [
  {
    name: "SharedRing",
    pieceCells: SLOT_CELLS,
    open: (region) => new SharedRing(region),
    sorted: false,
    order: (items) => items,
  },
  {
    name: "SharedRecords in a SharedLifo",
    pieceCells: RECORD_CELLS,
    open: (region) => new SharedRecords(region, (_, all) => new SharedLifo(all)),
    sorted: false,
    order: (items) => items.toReversed(),
  },
  {
    name: "SharedRecords in a SharedTree",
    pieceCells: RECORD_CELLS,
    open: (region) =>
      new SharedRecords(region, (records, all) => new SharedTree(all, (record) => records.read(record))),
    sorted: true,
    order: (items) => items.toSorted(),
  },
];

/** Runs a function under the identity of another thread. */
function as<R>(ident: number, fn: () => R): R {
  const own = currentIdent();
  joinThreads(threadTable(), ident);
  try {
    return fn();
  } finally {
    joinThreads(threadTable(), own);
  }
}

/** A queue with some items, of which the thread that may die has taken one. */
class Scene {
  readonly #kind: Kind;
  readonly #region: Region;
  readonly #mortal: Mortal;
  readonly ident = newIdent();
  readonly mine: SharedStore;
  readonly its: SharedStore;
  readonly held: string;
  readonly items: string[];

  constructor(kind: Kind) {
    this.#kind = kind;
    this.#region = new Region(0, PIECES * 64, kind.pieceCells);
    this.#mortal = new Mortal(this.#region);
    this.mine = kind.open(this.#region);
    this.its = as(this.ident, () => kind.open(this.#mortal.region));
    const names = ["item d", "item b", `item c, ${LONG}`, "item a", "item e"];
    for (const name of names) assert(this.mine.add(this.item(name)));
    this.held = as(this.ident, () => {
      let held: unknown;
      assert(this.#mortal.die(Infinity, () => held = this.its.take()));
      return held as string;
    });
    const order = kind.order(names);
    assertEquals(this.held, order[0]);
    const taken = this.mine.take() as string;
    assertEquals(taken, order[1]);
    assertEquals(this.mine.accounting.finish(), true);
    this.items = names.filter((name) => name !== this.held && name !== taken);
  }

  item(value: unknown): SharedItem {
    return new SharedItem(value, this.#kind.sorted);
  }

  /** Runs a function in that thread, which dies at the n-th access; returns whether the function completed. */
  die(n: number, fn: (store: SharedStore) => void): boolean {
    const through = as(this.ident, () => this.#mortal.die(n, () => fn(this.its)));
    markDead(this.ident);
    return through;
  }

  /** Lets a third thread die while it cleans up after the dead one; returns whether the cleanup completed. */
  dieRecovering(n: number): boolean {
    const ident = newIdent();
    const mortal = new Mortal(this.#region);
    const through = as(ident, () => {
      const store = this.#kind.open(mortal.region);
      return mortal.die(n, () => void store.recover());
    });
    markDead(ident);
    return through;
  }

  /** Returns the items in order and the number of lost ones, and asserts that all counters match. */
  check(): { items: string[]; lost: number } {
    const { mine } = this;
    assert(mine.recover());
    const { count, accounting } = mine;
    const { lost } = accounting;
    assertEquals(accounting.unfinished, count);
    const items: string[] = [];
    for (let item = mine.take(); item !== NONE; item = mine.take()) items.push(item as string);
    assertEquals([items.length, mine.count], [count, 0]);
    assertEquals(items, this.#kind.order(items.toSorted((a, b) => this.#arrival(a) - this.#arrival(b))));
    for (let done = 0; done < count; done++) assertEquals(accounting.finish(), true);
    assertEquals([accounting.finish(), accounting.unfinished], [false, 0]);
    // All pieces are free again, and there are no extra ones.
    if (!this.isShut) {
      for (let i = 0; i < PIECES; i++) assert(mine.add(this.item("x")), `${i} pieces are left`);
      assertEquals(mine.add(this.item("x")), false);
    }
    return { items, lost };
  }

  get isShut(): boolean {
    return this.#region.cells[SHUT] !== 0;
  }

  #arrival(name: string): number {
    return ["item d", "item b", "item c", "item a", "item e", "item f"].indexOf(name.slice(0, 6));
  }
}

/** An operation during which a thread dies, and its permitted outcomes. */
interface Act {
  readonly name: string;
  act(scene: Scene, store: SharedStore): void;
  /** Whether the items and the lost count match the state before or after the operation, or neither. */
  fits(scene: Scene, items: string[], lost: number): "before" | "after" | undefined;
}

const NEW = `item f, ${LONG}`;
const isEqual = (a: string[], b: string[]) => a.toSorted().join() === b.toSorted().join();

const ACTS: readonly Act[] = [
  {
    name: "putting",
    act: (scene, store) => void store.add(scene.item(NEW)),
    fits: ({ items: before }, items, lost) => {
      if (lost !== 1) return undefined;
      return isEqual(items, before) ? "before" : isEqual(items, [...before, NEW]) ? "after" : undefined;
    },
  },
  {
    name: "taking",
    act: (_, store) => void store.take(),
    fits: ({ items: before }, items, lost) => {
      if (isEqual(items, before)) return lost === 1 ? "before" : undefined;
      return items.length === before.length - 1 && lost === 2 ? "after" : undefined;
    },
  },
  {
    name: "finishing an item",
    act: (_, store) => void store.accounting.finish(),
    fits: ({ items: before }, items, lost) => {
      if (!isEqual(items, before)) return undefined;
      return lost === 1 ? "before" : lost === 0 ? "after" : undefined;
    },
  },
  {
    name: "shutting down and discarding",
    act: (_, store) => void store.shut(true),
    fits: ({ isShut, items: before }, items, lost) => {
      if (lost !== 1 || (items.length < before.length && !isShut)) return undefined;
      return items.length === 0 ? "after" : "before";
    },
  },
];

for (const kind of KINDS) {
  for (const { name, act, fits } of ACTS) {
    test(`${kind.name} completes or undoes the operation of a thread that dies ${name}`, { timeout }, () => {
      let [befores, afters] = [0, 0];
      for (let n = 0, through = false; !through; n++) {
        const scene = new Scene(kind);
        through = scene.die(n, (store) => act(scene, store));
        const { items, lost } = scene.check();
        const outcome = fits(scene, items, lost);
        assert(outcome !== undefined, `dead at access ${n}: ${items.length} items, ${lost} lost`);
        if (outcome === "before") befores++;
        else afters++;
        // From the access that completes the operation on, it stays complete.
        if (name !== "shutting down and discarding") assert(outcome === "after" || afters === 0, `access ${n}`);
      }
      assertGreater(befores, 5);
      assertGreater(afters, 3);
    });

    test(`${kind.name} survives the death of a thread that cleans up, ${name}`, { timeout }, () => {
      // Samples of the first death: the critical accesses differ between operations, but each has some of them.
      for (const first of [12, 25, 40, 60, 80, 100, 120]) {
        for (let n = 0, through = false; !through; n += 7) {
          const scene = new Scene(kind);
          if (scene.die(first, (store) => act(scene, store))) return;
          through = scene.dieRecovering(n);
          const { items, lost } = scene.check();
          assert(fits(scene, items, lost) !== undefined, `${first}, then ${n}: ${items.length} items, ${lost} lost`);
        }
      }
    });
  }
}

for (const { name, pieceCells, open } of KINDS.filter(({ sorted }) => !sorted)) {
  test(`${name} counts the items of dead threads, even more than it has slots, one after another`, () => {
    const region = new Region(0, 64 * 200, pieceCells);
    const mine = open(region);
    for (let i = 0; i < 200; i++) assert(mine.add(new SharedItem(i, false)));
    for (let i = 0; i < 150; i++) {
      const ident = newIdent();
      as(ident, () => assert(open(region).take() !== NONE));
      markDead(ident);
    }
    assert(mine.recover());
    const { accounting } = mine;
    assertEquals([mine.count, accounting.unfinished, accounting.report(), accounting.report()], [50, 50, 150, 0]);
  });

  test(`${name} goes on without a slot if more threads live at once than it has slots`, () => {
    const region = new Region(0, 64 * 200, pieceCells);
    const mine = open(region);
    for (let i = 0; i < 100; i++) assert(mine.add(new SharedItem(i, false)));
    const idents = Array.from({ length: 70 }, () => newIdent());
    for (const ident of idents) as(ident, () => void open(region).take());
    for (const ident of idents) markDead(ident);
    assert(mine.recover());
    assertEquals([mine.count, mine.accounting.unfinished, mine.accounting.report()], [30, 36, 64]);
  });
}
