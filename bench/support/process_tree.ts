// Finds and kills the descendants of a process we started. Identifies them by process id and start time, so that a process that
// got a reused id is left alone.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** A process; its start time distinguishes it from a later one with the same id. */
interface Member {
  readonly pid: number;
  readonly parent: number;
  readonly started: string;
}

/** Returns a process and all its current descendants. */
export function familyOf(pid: number): Member[] {
  const everyone = processTable();
  const family = everyone.filter((member) => member.pid === pid);
  // The list grows during the loop, so children of children are found too.
  for (const { pid } of family) family.push(...everyone.filter((member) => member.parent === pid));
  return family;
}

/** Kills the living members of a family. */
export function killFamily(family: readonly Member[]): void {
  if (family.length === 0) return;
  const alive = new Set(processTable().map(identity));
  for (const member of family) {
    if (!alive.has(identity(member))) continue;
    try {
      process.kill(member.pid, "SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
  }
}

export type Family = readonly Member[];

function identity(member: Member): string {
  return `${member.pid} ${member.started}`;
}

/** Lists all processes, from /proc if it exists, otherwise from `ps`. */
function processTable(): Member[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap(readStat);
  } catch {
    const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,lstart="], { encoding: "utf8" });
    return (stdout ?? "").trim().split("\n").map((line) => {
      const [pid, parent, ...started] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), started: started.join(" ") };
    });
  }
}

function readStat(name: string): Member[] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [{ pid: Number(name), parent: Number(fields[1]), started: fields[19]! }];
  } catch {
    return [];
  }
}
