import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { watchStream } from "../../src/throttle/watched_stream.ts";

/** Counts the reported events. */
class Counter {
  begun = 0;
  ended = 0;

  begin(): void {
    this.begun++;
  }

  end(): void {
    this.ended++;
  }
}

/** A stream of chunks of given sizes. */
function streamOf(...sizes: number[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      for (const size of sizes) controller.enqueue(new Uint8Array(size).fill(size));
      controller.close();
    },
  });
}

test("watchStream() reads into its reader's buffers, skips empty chunks, and reports its end once", async () => {
  const counter = new Counter();
  const reader = watchStream(() => streamOf(3, 0, 5), counter).getReader({ mode: "byob" });
  const parts: number[][] = [];
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(4));
    if (done) {
      assertEquals(value?.length, 0);
      break;
    }
    parts.push([...value]);
  }
  assertEquals(parts, [[3, 3, 3], [5, 5, 5, 5], [5]]);
  assertEquals(counter.ended, 1);
});

test("watchStream() can be read without buffers, and as a whole", async () => {
  const counter = new Counter();
  assertEquals((await new Response(watchStream(() => streamOf(3, 0, 5), counter)).bytes()).length, 8);
  const chunks: number[] = [];
  for await (const chunk of watchStream(() => streamOf(1, 2), counter)) chunks.push(chunk.length);
  assertEquals([chunks, counter.ended], [[1, 2], 2]);
});

test("watchStream() opens the stream on the first read, and reports a cancel and a failure", async () => {
  const counter = new Counter();
  let opened = 0;
  const endless = () => {
    opened++;
    return new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(9)) });
  };
  const stream = watchStream(endless, counter);
  await null;
  assertEquals([opened, counter.begun], [0, 0]);
  const reader = stream.getReader({ mode: "byob" });
  await reader.read(new Uint8Array(4));
  await reader.cancel("enough");
  assertEquals([opened, counter.ended], [1, 1]);
  const failing = watchStream(() => new ReadableStream({ pull: () => Promise.reject(new Error("torn")) }), counter);
  await assertRejects(() => failing.getReader({ mode: "byob" }).read(new Uint8Array(4)), Error, "torn");
  assertEquals(counter.ended, 2);
});

test("watchStream() of a response without a body is empty", async () => {
  const counter = new Counter();
  assertEquals(await new Response(watchStream(() => null, counter)).text(), "");
  const reader = watchStream(() => null, counter).getReader({ mode: "byob" });
  assertEquals((await reader.read(new Uint8Array(4))).done, true);
});
