// Lines of text over a socket.

import { once } from "node:events";
import type { Socket } from "node:net";

/** Yields the lines that come, without their ends, until the other side has said its last. */
export async function* linesOf(socket: Socket): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of socket.setEncoding("utf8") as AsyncIterable<string>) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Writes a line, and waits until there is room for more. */
export async function writeLine(socket: Socket, line: string): Promise<void> {
  if (!socket.write(`${line}\n`)) await once(socket, "drain");
}
