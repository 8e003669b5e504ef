// Tests calls of a worker whose answers can no longer reach it.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Queue } from "../../mod.ts";
import { RemoteObjectServer } from "../../src/pool/workers/remote_object_server.ts";
import { ByteReader } from "../../src/wire/bytes.ts";
import { ValueEncoder } from "../../src/wire/encoder.ts";
import { kindOf } from "../../src/wire/handles.ts";
import * as op from "../../src/wire/message.ts";
import { processChannel } from "../../src/wire/process_link.ts";

const encoder = new ValueEncoder(processChannel);

/** Serves a queue to a worker, which waits for an item. */
function serveWaiting(queue: Queue<string>): { server: RemoteObjectServer; replies: () => number } {
  let replies = 0;
  const server = new RemoteObjectServer(
    {
      encoder,
      send: () => void replies++,
      fault: (error) => {
        throw error;
      },
    } as ConstructorParameters<typeof RemoteObjectServer>[0],
  );
  server.give([{ handle: queue, kind: kindOf(queue)!, id: 1, ticket: 1, yours: false }]);
  const writer = new op.MessageWriter();
  const record = writer.record(op.REQUEST);
  record.u32(7), record.u32(1), record.u32(0);
  record.string("get");
  writer.value(encoder.encode([{}], "args"));
  const message = new op.IncomingMessage(new ByteReader(writer.take().bytes.slice(op.HEADER_SIZE)), [], []);
  server.take(message.operation(), message);
  return { server, replies: () => replies };
}

test("RemoteObjectServer sends an item to a worker that waits for it", async () => {
  const queue = new Queue<string>();
  const { replies } = serveWaiting(queue);
  await queue.put("a");
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([queue.size, replies()], [0, 1]);
});

test("RemoteObjectServer puts an item back if the worker ends in the turn in which it gets the item", async () => {
  const queue = new Queue<string>();
  const { server, replies } = serveWaiting(queue);
  void queue.put("a");
  await server.end(true);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([queue.size, replies()], [1, 0]);
  assertEquals(await queue.get(), "a");
  queue.taskDone();
  await queue.join({ timeout: 1_000 });
});
