import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { OutputStream } from "../../src/process/output_stream.ts";

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

test("OutputStream keeps chunks until they are read, and ends when it is closed", async () => {
  const stream = new OutputStream();
  stream.push(bytes(1));
  stream.push(bytes(2, 3));
  stream.close();
  const read: number[][] = [];
  for await (const chunk of stream) read.push([...chunk]);
  assertEquals(read, [[1], [2, 3]]);
});

test("OutputStream serves waiting readers in turn, and ends their reads when it is closed", async () => {
  const stream = new OutputStream();
  const [first, second] = [stream[Symbol.asyncIterator](), stream[Symbol.asyncIterator]()];
  const reads = [first.next(), second.next(), first.next()];
  stream.push(bytes(1));
  stream.push(bytes(2));
  stream.close();
  const results = await Promise.all(reads);
  assertEquals(results.map(({ value, done }) => [value?.[0], done]), [[1, false], [2, false], [undefined, true]]);
});

test("OutputStream leaves unread chunks to the next loop", async () => {
  const stream = new OutputStream();
  for (let i = 0; i < 3; i++) stream.push(bytes(i));
  stream.close();
  for await (const chunk of stream) if (chunk[0] === 0) break;
  const rest: number[] = [];
  for await (const chunk of stream) rest.push(chunk[0]!);
  assertEquals(rest, [1, 2]);
});
