// Who descends from a test file: found by a mark in the environment and by the session, as a child whose parent died
// has no parent to be found by. Needs /proc, so elsewhere than on Linux nothing is found and the census is empty.

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** The environment variable that marks everything a test file starts. */
export const MARK = "HEDDLE_TEST_FILE";

/** A process. */
export interface Found {
  pid: number;
  /** Its command line, shortened. */
  command: string;
}

/** Finds the living processes that carry the mark or belong to the session, but for the one that leads it. */
export function findDescendants(mark: string, session: number): Found[] {
  const found: Found[] = [];
  for (const entry of list("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === session || pid === process.pid) continue;
    const stat = read(`/proc/${pid}/stat`);
    // The name in parentheses may hold anything; after it come state, parent, group and session.
    const [state, , , itsSession] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (stat === "" || state === "Z" || state === "X") continue;
    const marked = read(`/proc/${pid}/environ`).split("\0").includes(`${MARK}=${mark}`);
    if (marked || Number(itsSession) === session) found.push({ pid, command: commandOf(pid) });
  }
  return found;
}

/** Kills a process that is ours; one that is gone already is fine. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

function commandOf(pid: number): string {
  const words = read(`/proc/${pid}/cmdline`).split("\0").join(" ").trim();
  return words.length > 160 ? `${words.slice(0, 160)}...` : words || "(no command line)";
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A process may end between the listing and the reading: then there is nothing to read. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
