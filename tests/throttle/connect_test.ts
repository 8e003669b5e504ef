// Tests connections under a throttle, to a real server that counts them.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { RejectedError, Throttle, TimeoutError } from "../../mod.ts";
import { until, within } from "../support/poll.ts";
import { openPeers } from "./kernel.ts";

const sockets = new Set<Socket>();
let most = 0;
let server: Server;
let port: number;

before(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    most = Math.max(most, openPeers(port)?.size ?? 0);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      const text = String(chunk);
      if (text.startsWith("bye")) socket.end("bye");
      else if (text.startsWith("reset")) socket.resetAndDestroy();
      else socket.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});

after(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
});

const hostname = "127.0.0.1";

test("Throttle.connect() opens a connection and holds its permit until the connection is closed here", async () => {
  const throttle = new Throttle({ limit: 2 });
  const socket = await throttle.connect({ hostname, port });
  socket.write("hello");
  const [chunk] = await once(socket, "data");
  assertEquals([String(chunk), throttle.active], ["hello", 1]);
  assertEquals(throttle.stats().keys.get(`${hostname}:${port}`)!.active, 1);
  await socket[Symbol.asyncDispose]();
  await socket[Symbol.asyncDispose]();
  assertEquals([socket.destroyed, throttle.active, throttle.stats().done], [true, 0, 1]);
});

for (const word of ["bye", "reset"]) {
  test(`Throttle.connect() releases the permit once when the server closes: ${word}`, async () => {
    const throttle = new Throttle({ limit: 1 });
    const socket = await throttle.connect({ hostname, port });
    socket.on("error", () => {});
    socket.resume();
    socket.write(word);
    await until("the permit is back", () => throttle.active === 0);
    assertEquals(throttle.stats().done, 1);
    (await throttle.connect({ hostname, port })).destroy();
    await until("the permit is back", () => throttle.active === 0);
  });
}

test("Throttle.connect() never has more connections open than the limit", async () => {
  const throttle = new Throttle({ limit: 5 });
  await until("the others are closed", () => sockets.size === 0);
  most = 0;
  await Promise.all(Array.from({ length: 60 }, async (_, i) => {
    const socket = await throttle.connect({ hostname, port });
    socket.on("error", () => {});
    socket.write(["hello", "bye", "reset"][i % 3]);
    if (i % 3 !== 0) return void socket.resume();
    await once(socket, "data");
    socket.destroy();
  }));
  await until("all permits are back", () => throttle.active === 0);
  assertEquals(throttle.stats().done, 60);
  if (openPeers(port) === undefined) return;
  assert(most > 1 && most <= 5, `${most} at once`);
});

test("Throttle.connect() releases the permit once when the connection is refused", async () => {
  const throttle = new Throttle({ limit: 1 });
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, "close");
  for (const tls of [false, true]) {
    const error = await within("a refusal", throttle.connect({ hostname, port, tls }).then(() => {}, (error) => error));
    assertInstanceOf(error, Error);
    assertEquals((error as { code?: string }).code, "ECONNREFUSED");
  }
  await assertRejects(() => within("a refusal", throttle.connect({ hostname: "host.invalid", port })));
  await until("the permits are back", () => throttle.active === 0);
  assertEquals(throttle.stats().done, 3);
});

test("Throttle.connect() waits within its limits and ends when its signal is aborted", async () => {
  const throttle = new Throttle({ limit: 1, queueLimit: 2 });
  const socket = await throttle.connect({ hostname, port });
  const controller = new AbortController();
  const late = throttle.connect({ hostname, port, timeout: 20 });
  const leaving = throttle.connect({ hostname, port, signal: controller.signal });
  await assertRejects(() => throttle.connect({ hostname, port }), RejectedError);
  controller.abort(new Error("enough"));
  await assertRejects(() => leaving, Error, "enough");
  await assertRejects(() => late, TimeoutError);
  socket.destroy();
  await until("the permit is back", () => throttle.active === 0);
  const connecting = new AbortController();
  const attempt = throttle.connect({ hostname, port, signal: connecting.signal });
  connecting.abort(new Error("changed my mind"));
  await assertRejects(() => attempt, Error, "changed my mind");
  await until("the permit is back", () => throttle.active === 0);
  assertEquals(throttle.waiting, 0);
});

test("Throttle.connect() rejects invalid addresses", async () => {
  const throttle = new Throttle({ limit: 1 });
  for (const port of [0, 65_536, NaN, 1.5]) await assertRejects(() => throttle.connect({ hostname, port }), RangeError);
  await assertRejects(() => throttle.connect({ hostname: "", port }), TypeError);
  await assertRejects(() => throttle.connect({ hostname, port, tls: 1 as never }), TypeError);
  await assertRejects(() => throttle.connect(undefined as never), TypeError);
  assertEquals(throttle.active, 0);
});
