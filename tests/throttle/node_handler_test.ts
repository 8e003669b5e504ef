// Tests incoming requests under a throttle, at a server of node:http.

import { assert, assertEquals } from "@std/assert";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { Throttle } from "../../mod.ts";
import { until, within } from "../support/poll.ts";
import { listening } from "./node_server.ts";

/** Runs a function while a server listens. */
async function serving(listener: RequestListener, use: (url: string, port: number) => Promise<void>): Promise<void> {
  const { url, port, close } = await listening(createServer(listener));
  try {
    await use(url, port);
  } finally {
    await close();
  }
}

/** A client that sends only its request. */
function client(port: number) {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return socket;
}

test("Throttle.nodeHandler() keeps the limit and rejects requests beyond the queue", async () => {
  const throttle = new Throttle({ limit: 3, queueLimit: 5 });
  let inside = 0, most = 0;
  const listener = throttle.nodeHandler((_request: IncomingMessage, response: ServerResponse) => {
    most = Math.max(most, ++inside);
    setTimeout(() => {
      inside--;
      response.setHeader("x-kind", "test").end("hello");
    }, 20);
  });
  await serving(listener, async (url) => {
    const responses = await Promise.all(Array.from({ length: 30 }, async () => {
      const response = await fetch(url);
      return `${response.status} ${response.headers.get("retry-after")} ${await response.text()}`;
    }));
    const served = responses.filter((each) => each === "200 null hello").length;
    const shed = responses.filter((each) => each === "503 1 ").length;
    assertEquals(served + shed, 30, responses.join("; "));
    assert(served >= 8 && shed > 0, `${served} served, ${shed} turned away`);
    assertEquals(most, 3);
    await until("the permits are back", () => throttle.active === 0);
    assertEquals(throttle.stats().shed, shed);
  });
});

test("Throttle.nodeHandler() holds the permit until the response is sent", async () => {
  const throttle = new Throttle({ limit: 1 });
  const open: ServerResponse[] = [];
  const listener = throttle.nodeHandler((_request: IncomingMessage, response: ServerResponse) => {
    response.write("begun ");
    open.push(response);
  });
  await serving(listener, async (url) => {
    const first = await fetch(url);
    const second = fetch(url);
    await until("another waits", () => throttle.waiting === 1);
    assertEquals(throttle.active, 1);
    open[0]!.end("and ended");
    assertEquals(await first.text(), "begun and ended");
    const response = await within("the other", second);
    open[1]!.end();
    await response.text();
    await until("the permits are back", () => throttle.active === 0);
    assertEquals(throttle.stats().done, 2);
  });
});

test("Throttle.nodeHandler() releases the permit, or drops the wait, when the client disconnects", async () => {
  const throttle = new Throttle({ limit: 1 });
  let served = 0;
  const listener = throttle.nodeHandler((_request: IncomingMessage, response: ServerResponse) => {
    served++;
    response.write("begun");
  });
  await serving(listener, async (_url, port) => {
    const first = client(port);
    await until("it is served", () => served === 1);
    const second = client(port);
    await until("another waits", () => throttle.waiting === 1);
    second.destroy();
    await until("it has left", () => throttle.waiting === 0);
    assertEquals(throttle.active, 1);
    first.destroy();
    await until("the permit is back", () => throttle.active === 0);
    assertEquals([served, throttle.stats().done], [1, 1]);
  });
});

test("Throttle.nodeHandler() releases the permit when the handler fails, and passes the error on", async () => {
  const throttle = new Throttle({ limit: 1 });
  const events = { once() {}, off() {}, writeHead() {}, end() {}, destroyed: false };
  const listener = throttle.nodeHandler((_request: unknown, _response: typeof events) => {
    throw new Error("broken");
  });
  let message = "";
  try {
    listener(undefined, events);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals([message, throttle.active], ["broken", 0]);
  await Promise.resolve();
});

test("Throttle.nodeHandler() answers with 503 after its timeout or its close", async () => {
  const throttle = new Throttle({ limit: 1, timeout: 10 });
  const permit = await throttle.acquire();
  const listener = throttle.nodeHandler((_request: IncomingMessage, response: ServerResponse) => void response.end());
  await serving(listener, async (url) => {
    assertEquals((await fetch(url)).status, 503);
    permit.release();
    const served = await fetch(url);
    assertEquals([served.status, await served.text()], [200, ""]);
    throttle.close();
    assertEquals((await fetch(url)).status, 503);
  });
});
