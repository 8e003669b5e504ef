// Reads and writes lines of text on a socket.

import { once } from "node:events";
import type { Socket } from "node:net";

/** Yields incoming lines without their line ends, until the peer closes its side. */
export async function* linesOf(socket: Socket): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of socket.setEncoding("utf8") as AsyncIterable<string>) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Writes a line, and waits until the socket's buffer has room for more. */
export async function writeLine(socket: Socket, line: string): Promise<void> {
  if (!socket.write(`${line}\n`)) await once(socket, "drain");
}
