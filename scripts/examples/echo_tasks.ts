// The tasks of echo_server.ts: what a slot's thread does with a line, and the clients. Every worker loads this module.

import { connect, type Socket } from "node:net";
import { current, type Task, task } from "@heddle/heddle/task";
import { linesOf, writeLine } from "./support/lines.ts";

/** What became of a line, and the slot whose thread did it. */
export interface Answer {
  text: string;
  slot: string;
}

/** What the server makes of a line. */
export const answer: Task<[line: string], Answer> = task(import.meta, function answer(line: string): Answer {
  return { text: line.toUpperCase(), slot: current()!.executor };
});

/**
 * Connects so many clients at once; each sends its lines, one after another, and checks every answer.
 *
 * @returns how many answers came; all of them were right.
 */
export const callServer: Task<[port: number, clients: number, lines: number], Promise<number>> = task(
  import.meta,
  async function callServer(port: number, clients: number, lines: number): Promise<number> {
    const counts = await Promise.all(Array.from({ length: clients }, (_, id) => talk(port, id, lines)));
    return counts.reduce((sum, count) => sum + count, 0);
  },
);

async function talk(port: number, id: number, lines: number): Promise<number> {
  const socket: Socket = connect({ port, host: "127.0.0.1" });
  try {
    const answers = linesOf(socket);
    for (let i = 0; i < lines; i++) {
      const line = `Line ${i} of client ${id}: straße, 日本`;
      await writeLine(socket, line);
      const { value } = await answers.next();
      if (value !== line.toUpperCase()) {
        throw new Error(`Cannot trust the server: '${line}' was answered by '${value}'`);
      }
    }
    socket.end();
    const { done } = await answers.next();
    if (!done) throw new Error("Cannot trust the server: it says more than it was asked");
    return lines;
  } finally {
    socket.destroy();
  }
}
