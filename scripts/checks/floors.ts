// Imports go down: a file imports its own room and the rooms on lower floors, by their files.

import { posix } from "node:path";
import type { Check, Finding } from "./check.ts";
import { importsOf, library, type Source } from "./sources.ts";

const FLOORS: Record<string, number> = {
  core: 0,
  runtime: 1,
  wire: 2,
  time: 2,
  task: 2,
  sync: 3,
  queue: 3,
  futures: 3,
  worker: 3,
  shared: 4,
  throttle: 4,
  pool: 5,
  thread: 6,
  process: 6,
  cluster: 6,
};

/** Rooms of one floor that may know each other, one way, and why. */
const SIDEWAYS: { from: string; to: string; reason: string }[] = [
  {
    from: "task",
    to: "wire",
    reason: "transfer() and registerError() are said in ./task and done on the wire",
  },
  {
    from: "queue",
    to: "sync",
    reason: "a queue travels as the primitives do, and those who wait at a shared one stand in their line",
  },
  { from: "worker", to: "futures", reason: "a worker runs calls whose outcome is shaped like a future's" },
];

/** What src may import from outside, by the room that may. */
const PACKAGES: { specifier: RegExp; rooms: RegExp }[] = [
  { specifier: /^@std\/async$/, rooms: /./ },
  { specifier: /^node:/, rooms: /^runtime$/ },
];

/** The rule. */
export const floors: Check = {
  name: "imports go down",
  run: () => library().filter(({ path }) => path !== "mod.ts").flatMap(check),
};

function check(source: Source): Finding[] {
  const room = roomOf(source.path);
  if (!(room in FLOORS)) {
    return [{
      file: source.path,
      message: `Room '${room}' has no floor: give it one in scripts/checks/floors.ts`,
    }];
  }
  return importsOf(source).flatMap(({ specifier, line }) => {
    const message = specifier.startsWith(".") ? inside(source.path, specifier) : outside(room, specifier);
    return message === undefined ? [] : [{ file: source.path, line, message }];
  });
}

function inside(path: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  const [from, to] = [roomOf(path), roomOf(target)];
  if (!target.startsWith("src/")) return `Imports '${target}' from outside src`;
  if (target.endsWith("/mod.ts") && to !== "runtime") {
    return `Imports the door '${target}': import the file behind it`;
  }
  if (from === to) return undefined;
  const floor = FLOORS[to];
  if (floor === undefined) return `Imports room '${to}', which has no floor`;
  if (to === "runtime" && !/\/(mod|types)\.ts$/.test(target)) {
    return `Imports '${target}': only src/runtime/mod.ts and its types are for other rooms`;
  }
  if (floor < FLOORS[from]!) return undefined;
  if (SIDEWAYS.some((pair) => pair.from === from && pair.to === to)) return undefined;
  const direction = floor === FLOORS[from] ? "sideways" : "up";
  return `Imports ${direction}, from ${from} (floor ${FLOORS[from]}) to ${to} (floor ${floor})`;
}

function outside(room: string, specifier: string): string | undefined {
  const allowed = PACKAGES.some((entry) => entry.specifier.test(specifier) && entry.rooms.test(room));
  return allowed ? undefined : `Imports '${specifier}', which room ${room} must not depend on`;
}

function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}
