// Tests incoming requests under a throttle, called directly and by the servers of Deno and Bun.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "node:net";
import { test } from "node:test";
import { delay } from "@std/async";
import { type RequestHandler, Throttle, type ThrottleOptions } from "../../mod.ts";
import { until, within } from "../support/poll.ts";
import { NO_SUCH_SERVER, startHostServer } from "./host_server.ts";

const ask = () => new Request("http://localhost/");

/** A promise that the test resolves. */
function gate(): { passed: Promise<void>; open: () => void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => open = resolve);
  return { passed, open };
}

test("Throttle.handler() lets requests wait, then rejects them", async () => {
  const throttle = new Throttle({ limit: 1, queueLimit: 1 });
  const { passed, open } = gate();
  const serve = throttle.handler(async () => {
    await passed;
    return new Response("hello");
  });
  const [first, second] = [serve(ask()), serve(ask())];
  const third = await serve(ask());
  assertEquals([third.status, third.headers.get("retry-after"), await third.text()], [503, "1", ""]);
  open();
  assertEquals(await (await first).text(), "hello");
  assertEquals(await (await second).text(), "hello");
  await until("the permits are back", () => throttle.active === 0);
  assertEquals([throttle.waiting, throttle.stats().shed], [0, 1]);
});

test("Throttle.handler() rejects requests beyond the queue, even if other callers may wait", async () => {
  const throttle = new Throttle({ limit: 1, queueLimit: 0, overflow: "wait", timeout: 5 });
  const serve = throttle.handler(() => new Response("hello"));
  const permit = await throttle.acquire();
  assertEquals((await serve(ask())).status, 503);
  permit.release();
  assertEquals((await serve(ask())).status, 200);
  throttle.close();
  assertEquals((await serve(ask())).status, 503);
  const patient = new Throttle({ limit: 1, timeout: 5 });
  const held = await patient.acquire();
  const serveLate = patient.handler(() => new Response("hello"));
  assertEquals((await serveLate(ask())).status, 503);
  held.release();
});

test("Throttle.handler() reports in whole seconds when to retry", async () => {
  const throttle = new Throttle({ rate: { limit: 1, interval: 2_500 }, queueLimit: 0 });
  const serve = throttle.handler(() => new Response());
  assertEquals((await serve(ask())).status, 200);
  assertEquals((await serve(ask())).headers.get("retry-after"), "3");
});

test("Throttle.handler() drops the wait of a client that disconnects", async () => {
  const throttle = new Throttle({ limit: 1 });
  const permit = await throttle.acquire();
  let served = 0;
  const serve = throttle.handler(() => {
    served++;
    return new Response();
  });
  const controller = new AbortController();
  const response = serve(new Request("http://localhost/", { signal: controller.signal }));
  assertEquals(throttle.waiting, 1);
  controller.abort();
  await response;
  assertEquals([throttle.waiting, served], [0, 0]);
  permit.release();
});

test("Throttle.handler() holds the permit of a streamed response until it is read or cancelled", async () => {
  const throttle = new Throttle({ limit: 1 });
  const { passed, open } = gate();
  const serve = throttle.handler(() =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          await passed;
          controller.enqueue(new TextEncoder().encode("hello"));
          controller.close();
        },
      }, { highWaterMark: 0 }),
      { status: 201, headers: { "x-kind": "stream" } },
    )
  );
  const response = await serve(ask());
  assertEquals([response.status, response.headers.get("x-kind"), throttle.active], [201, "stream", 1]);
  const text = response.text();
  open();
  assertEquals(await text, "hello");
  await until("the permit is back", () => throttle.active === 0);
  await (await serve(ask())).body!.cancel();
  await until("the permit is back", () => throttle.active === 0);
});

test("Throttle.handler() releases the permit when the handler fails, and passes the error to the server", async () => {
  const throttle = new Throttle({ limit: 1 });
  const failing = throttle.handler(() => {
    throw new Error("broken");
  });
  await assertRejects(async () => await failing(ask()), Error, "broken");
  await assertRejects(
    async () => await throttle.handler(() => Promise.reject(new Error("late")))(ask()),
    Error,
    "late",
  );
  assertEquals([throttle.active, throttle.stats().done], [0, 2]);
});

test("Throttle.handler() shares fairly by the key of a request, and passes on the server's arguments", async () => {
  const throttle = new Throttle({ limit: 2, perKey: 1 });
  const { passed, open } = gate();
  const serve = throttle.handler(async (request: Request, info: { address: string }) => {
    if (request.url.endsWith("slow")) await passed;
    return new Response(info.address);
  }, { key: (request) => new URL(request.url).hostname, priority: () => 1 });
  const info = { address: "here" };
  const slow = serve(new Request("http://a/slow"), info);
  const waits = serve(new Request("http://a/"), info);
  assertEquals(await (await serve(new Request("http://b/"), info)).text(), "here");
  assertEquals(throttle.waiting, 1);
  open();
  await (await slow).text();
  await (await waits).text();
  await until("the permits are back", () => throttle.active === 0);
});

/** Serves requests with the server of Deno or Bun. */
function startServing(options: ThrottleOptions, handler: RequestHandler<[], Response | Promise<Response>>) {
  const throttle = new Throttle(options);
  const serve = throttle.handler(handler as RequestHandler<[unknown], Response | Promise<Response>>);
  return { throttle, ...startHostServer(serve) };
}

test("Throttle.handler() serves no more requests at once than the limit", { skip: NO_SUCH_SERVER }, async () => {
  let inside = 0, most = 0;
  const { throttle, url, close } = startServing({ limit: 3, queueLimit: 5 }, async () => {
    most = Math.max(most, ++inside);
    await delay(20);
    inside--;
    return new Response("hello");
  });
  try {
    const responses = await Promise.all(Array.from({ length: 30 }, async () => {
      const response = await fetch(url);
      return `${response.status} ${response.headers.get("retry-after")} ${await response.text()}`;
    }));
    const kinds = new Map<string, number>();
    for (const each of responses) kinds.set(each, (kinds.get(each) ?? 0) + 1);
    const served = kinds.get("200 null hello") ?? 0, shed = kinds.get("503 1 ") ?? 0;
    assertEquals(served + shed, 30, [...kinds].join("; "));
    assert(served >= 8 && shed > 0, `${served} served, ${shed} turned away`);
    assertEquals(most, 3);
    await until("the permits are back", () => throttle.active === 0);
    assertEquals(throttle.stats().shed, shed);
  } finally {
    await close();
  }
});

test("Throttle.handler() returns every kind of response unchanged", { skip: NO_SUCH_SERVER }, async () => {
  const { throttle, url, close } = startServing({ limit: 3 }, (request) => {
    if (request.url.endsWith("json")) return Response.json({ a: 1 });
    return request.url.endsWith("none") ? new Response(null, { status: 204 }) : new Response("hello");
  });
  try {
    for (const [path, type, length] of [["text", "text/plain", "5"], ["json", "application/json", "7"]] as const) {
      const response = await fetch(url + path);
      assert(response.headers.get("content-type")!.startsWith(type));
      assertEquals([response.headers.get("content-length"), (await response.text()).length], [length, Number(length)]);
    }
    assertEquals((await fetch(url + "none")).status, 204);
    await until("the permits are back", () => throttle.active === 0);
  } finally {
    await close();
  }
});

for (const end of ["reads it", "goes away"]) {
  test(`Throttle.handler() holds a stream's permit until the client ${end}`, { skip: NO_SUCH_SERVER }, async () => {
    const { passed, open } = gate();
    let pulls = 0;
    const { throttle, url, port, close } = startServing({ limit: 1 }, () => {
      return new Response(
        new ReadableStream({
          async pull(controller) {
            if (pulls++ > 0) await passed;
            controller.enqueue(new TextEncoder().encode("hello"));
            if (pulls > 2) controller.close();
          },
        }),
      );
    });
    try {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      const begun = new Promise<void>((resolve) => socket.on("data", () => resolve()));
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      await within("the beginning", begun);
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      assertEquals(throttle.active, 1);
      const next = fetch(url);
      await until("another waits", () => throttle.waiting === 1);
      if (end === "goes away") {
        socket.destroy();
        await until("the other is served", () => throttle.waiting === 0);
      }
      open();
      await (await within("the other", next)).text();
      await until("the permits are back", () => throttle.active === 0);
      assertEquals(throttle.stats().done, 2);
      socket.destroy();
    } finally {
      await close();
    }
  });
}

test("Throttle.handler() notices a client that disconnects while waiting", { skip: NO_SUCH_SERVER }, async () => {
  let served = 0;
  const { throttle, port, close } = startServing({ limit: 1 }, () => {
    served++;
    return new Response();
  });
  try {
    const permit = await throttle.acquire();
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until("it waits", () => throttle.waiting === 1);
    socket.destroy();
    await until("it has left", () => throttle.waiting === 0);
    permit.release();
    assertEquals([throttle.active, served], [0, 0]);
  } finally {
    await close();
  }
});
