// A child process that measures one pool and may hang or die at any time: silence past a limit counts as a hang, and a hung child
// is killed by process id together with its descendants.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { anonymous, command } from "./host.ts";
import { type Family, familyOf, killFamily } from "./process_tree.ts";

/** Marks lines for the bench, to distinguish them from output of the measured code. */
export const MARK = "heddle-bench ";

/** A message of the child: the phase it enters, an answer, or a failure. */
export interface Message {
  readonly phase?: string;
  readonly answer?: unknown;
  readonly failure?: string;
}

/** A pool did not answer. */
export class PeerTrouble extends Error {
  readonly kind: "hangs" | "fails";
  readonly during: string;

  constructor(kind: "hangs" | "fails", during: string, reason: string) {
    super(reason);
    this.kind = kind;
    this.during = during;
  }
}

export class PeerProcess {
  #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #family: Family = [];
  #phase = "starting";
  #rest = "";
  #tail = "";
  #exited = false;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #question: PromiseWithResolvers<unknown> | undefined;
  #limit = 0;

  constructor(file: URL, args: readonly string[]) {
    const [program, programArgs] = command(file, args);
    this.#child = spawn(program, programArgs, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    this.#child.stdin.on("error", () => {});
    this.#child.once("error", (error) => this.#settle("fails", error.message));
    // The last output may still be in the pipe when the process has ended.
    this.#child.once("exit", (code, signal) => {
      this.#exited = true;
      setTimeout(
        () => this.#settle("fails", lastWords(this.#tail) ?? `its process ended with ${signal ?? code}`),
        100,
      );
    });
  }

  /** Sends a question, and waits up to `limit` milliseconds for each message. Rejects with a {@linkcode RivalTrouble}. */
  ask(question: string, limit: number): Promise<unknown> {
    const asked = this.#question = Promise.withResolvers<unknown>();
    this.#limit = limit;
    this.#listen();
    if (this.#exited) this.#settle("fails", "its process has ended");
    else this.#child.stdin.write(`${question}\n`);
    return asked.promise;
  }

  /** Ends the child and its descendants. */
  end(): void {
    clearTimeout(this.#silence);
    if (!this.#exited) this.#family = familyOf(this.#child.pid!);
    killFamily(this.#family);
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream.destroy();
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#settle("hangs", "no answer, killed"), this.#limit);
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (line.startsWith(MARK)) this.#hear(JSON.parse(line.slice(MARK.length)));
      else this.#keep(`${line}\n`);
    }
  }

  #hear(message: Message): void {
    if (message.phase !== undefined) {
      this.#phase = message.phase;
      this.#listen();
      return;
    }
    // Recorded while it is alive: descendants of a dead process cannot be found.
    if (!this.#exited) this.#family = familyOf(this.#child.pid!);
    if (message.failure !== undefined) return this.#settle("fails", message.failure);
    clearTimeout(this.#silence);
    this.#question?.resolve(message.answer);
    this.#question = undefined;
  }

  #keep(text: string): void {
    this.#tail = (this.#tail + text).slice(-4000);
  }

  #settle(kind: "hangs" | "fails", reason: string): void {
    clearTimeout(this.#silence);
    this.#question?.reject(new PeerTrouble(kind, this.#phase, firstLine(anonymous(reason))));
    this.#question = undefined;
  }
}

/** Returns the line of a crash report that names the error, if there is one. */
function lastWords(tail: string): string | undefined {
  return tail.split("\n").findLast((line) => /error|panic|segmentation/i.test(line))?.trim();
}

function firstLine(text: string): string {
  const line = text.split("\n")[0]!;
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}
