// Tasks of echo_server.ts: the answer to a line, and the clients. Every worker loads this module.

import { connect, type Socket } from "node:net";
import { current, type Task, task } from "@heddle/heddle/task";
import { linesOf, writeLine } from "./support/lines.ts";

/** An answer, and the slot whose thread gave it. */
export interface Answer {
  text: string;
  slot: string;
}

/** Answers a line. */
export const answer: Task<[line: string], Answer> = task(import.meta, function answer(line: string): Answer {
  return { text: line.toUpperCase(), slot: current()!.executor };
});

/**
 * Connects `clients` clients at once; each sends its lines one after another and checks every answer.
 *
 * @returns the number of answers, all correct.
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
        throw new Error(`The server failed: '${line}' was answered by '${value}'`);
      }
    }
    socket.end();
    const { done } = await answers.next();
    if (!done) throw new Error("The server failed: it sent more answers than it got lines");
    return lines;
  } finally {
    socket.destroy();
  }
}
