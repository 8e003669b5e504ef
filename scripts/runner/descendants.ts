// Finds the processes that a test file started, by a mark in their environment and by their session: a process whose parent has
// died cannot be found through its parents. Needs /proc, so it finds nothing except on Linux.

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** The environment variable that marks all processes started by a test file. */
export const MARK = "HEDDLE_TEST_FILE";

/** A process. */
export interface Found {
  pid: number;
  /** Its command line, shortened. */
  command: string;
}

/** Finds living processes that carry the mark or belong to the session, except the session's leader. */
export function findDescendants(mark: string, session: number): Found[] {
  const found: Found[] = [];
  for (const entry of list("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === session || pid === process.pid) continue;
    const stat = read(`/proc/${pid}/stat`);
    // The name in parentheses may contain any character; after it come state, parent, group and session.
    const [state, , , itsSession] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (stat === "" || state === "Z" || state === "X") continue;
    const marked = read(`/proc/${pid}/environ`).split("\0").includes(`${MARK}=${mark}`);
    if (marked || Number(itsSession) === session) found.push({ pid, command: commandOf(pid) });
  }
  return found;
}

/** Kills one of our processes; it may have ended already. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has already ended.
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

/** Returns an empty text if the process has ended between the listing and the reading. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
