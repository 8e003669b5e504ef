// Tests the retries of requests.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, before, test } from "node:test";
import { CancelledError, RejectedError, Throttle, type ThrottleOptions } from "../../mod.ts";
import { until, within } from "../support/poll.ts";
import { LONG } from "../support/timing.ts";
import { type CountingServer, startServer } from "./server.ts";

const FAST = { minDelay: 1, maxDelay: 4, jitter: 0 };
let server: CountingServer;
let answers: ((request: IncomingMessage, response: ServerResponse) => void)[] = [];
let seen: { method: string; body: string }[] = [];
before(async () =>
  server = await startServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method!, body });
    (answers.shift() ?? ((_request, response) => response.end("ok")))(request, response);
  })
);
after(() => server.close());

const status = (code: number, headers: Record<string, string> = {}) => (_request: unknown, response: ServerResponse) =>
  void response.writeHead(code, headers).end(`status ${code}`);

/** Sends a request to a server that gives these responses first; returns the outcome and the number of attempts. */
async function send(
  first: typeof answers,
  init?: RequestInit & { duplex?: "half" },
  options: Partial<ThrottleOptions> = {},
): Promise<{ end: string; sent: number; throttle: Throttle }> {
  answers = [...first];
  seen = [];
  const throttle = new Throttle({ limit: 2, retry: FAST, ...options });
  const end = await within(
    "the answer",
    throttle.fetch(server.url, init).then(
      async (response) => `${response.status} ${await response.text()}`,
      (error) => (error as Error).name,
    ),
  );
  await until("the permit is back", () => throttle.active === 0);
  return { end, sent: seen.length, throttle };
}

test("Throttle.retry sends idempotent requests again after network and server errors", async () => {
  for (const code of [408, 425, 429, 500, 502, 503, 504]) {
    assertEquals((({ end, sent }) => [end, sent])(await send([status(code), status(code)])), ["200 ok", 3], `${code}`);
  }
  for (const method of ["PUT", "DELETE", "OPTIONS"]) {
    assertEquals((await send([status(500)], { method, body: method === "PUT" ? "text" : null })).sent, 2, method);
  }
  assertEquals((await send([status(500)], { method: "HEAD" })).end, "200 ");
});

test("Throttle.retry returns the last response or error after maxAttempts", async () => {
  const three = { retry: { ...FAST, maxAttempts: 3 } };
  assertEquals((({ end, sent }) => [end, sent])(await send([status(500), status(500), status(502)], {}, three)), [
    "502 status 502",
    3,
  ]);
  assertEquals((await send([status(500)], {}, { retry: { ...FAST, maxAttempts: 1 } })).end, "500 status 500");
});

test("Throttle.retry sends a request again after a broken connection", async () => {
  // Some hosts themselves resend a request on a reused connection, so the server sends malformed responses instead.
  let connections = 0;
  const broken = createServer((socket) => {
    socket.on("error", () => {});
    connections++;
    const good = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
    socket.once("data", () => socket.end(connections % 3 === 0 ? good : "what?\r\n\r\n"));
  });
  broken.listen(0, "127.0.0.1");
  await once(broken, "listening");
  const { port } = broken.address() as AddressInfo;
  const throttle = new Throttle({ limit: 1, retry: FAST });
  assertEquals(await (await throttle.fetch(`http://127.0.0.1:${port}`)).text(), "ok");
  assertEquals([connections, throttle.stats().done], [3, 3]);
  const twice = new Throttle({ limit: 1, retry: { ...FAST, maxAttempts: 2 } });
  await assertRejects(() => twice.fetch(`http://127.0.0.1:${port}`));
  assertEquals([connections, twice.stats().done], [5, 2]);
  broken.close();
});

test("Throttle.retry does not resend successful, refused or non-idempotent requests", async () => {
  for (const code of [200, 204, 304, 400, 401, 404, 501]) assertEquals((await send([status(code)])).sent, 1, `${code}`);
  for (const method of ["POST", "PATCH"]) {
    assertEquals((await send([status(503)], { method, body: "text" })).end, "503 status 503");
  }
  assertEquals((await send([status(503)], {}, { retry: undefined })).sent, 1);
  const throttle = new Throttle({ limit: 1, retry: FAST });
  await assertRejects(() => throttle.fetch("nowhere"), TypeError);
});

test("Throttle.retry.retryIf decides for all methods, errors and responses from status 400 on", async () => {
  const asked: unknown[] = [];
  const retryIf = (error: unknown, attempt: number, response?: Response) => {
    asked.push([error instanceof Error, attempt, response?.status]);
    return attempt < 3;
  };
  const { end } = await send([status(418), status(404), status(501)], { method: "POST", body: "text" }, {
    retry: { ...FAST, retryIf },
  });
  assertEquals(end, "501 status 501");
  assertEquals(asked, [[false, 1, 418], [false, 2, 404], [false, 3, 501]]);
  assertEquals(seen, new Array(3).fill({ method: "POST", body: "text" }));
});

test("Throttle.retry resends only bodies that can be read twice", async () => {
  const retry = { ...FAST, retryIf: () => true };
  const bytes = new TextEncoder().encode("text");
  const form = new FormData();
  form.set("a", "1");
  for (const body of ["text", bytes, bytes.buffer, new Blob(["text"]), new URLSearchParams("text"), form]) {
    const { sent } = await send([status(500)], { method: "POST", body: body as never }, { retry });
    assertEquals(sent, 2);
    assertEquals(seen[0]!.body.length, seen[1]!.body.length);
  }
  const stream = new Blob(["text"]).stream();
  assertEquals(
    (await send([status(500)], { method: "POST", body: stream, duplex: "half" }, { retry })).end,
    "500 status 500",
  );
  const throttle = new Throttle({ limit: 1, retry });
  answers = [status(500), status(500)];
  const request = new Request(server.url, { method: "POST", body: "text" });
  assertEquals(await (await throttle.fetch(request)).text(), "status 500");
  assertEquals(await (await throttle.fetch(new Request(server.url))).text(), "ok");
});

test("Throttle.retry waits for Retry-After, and returns a response whose pause exceeds maxPause", async () => {
  const start = performance.now();
  assertEquals((await send([status(503, { "retry-after": "0.2" })])).end, "200 ok");
  assert(performance.now() - start >= 195);
  const { end, sent } = await send([status(503, { "retry-after": "2" })], {}, { maxPause: 1_000 });
  assertEquals([end, sent], ["503 status 503", 1]);
});

test("Throttle.retry holds no permit during a delay, which ends at an abort, clear() or close()", async () => {
  for (const how of ["abort", "clear", "close"]) {
    answers = [status(500)];
    const throttle = new Throttle({ limit: 1, retry: { minDelay: LONG, maxDelay: LONG, jitter: 0 } });
    const controller = new AbortController();
    const fetching = throttle.fetch(server.url, { signal: controller.signal });
    const idle = throttle.idle();
    await until("the answer is there", () => throttle.stats().done === 1);
    assertEquals(throttle.active, 0);
    (await throttle.acquire()).release();
    await assertRejects(() => throttle.idle({ timeout: 0 }));
    if (how === "abort") controller.abort(new RangeError("enough"));
    else if (how === "clear") throttle.clear();
    else throttle.close();
    const Expected = { abort: RangeError, clear: CancelledError, close: RejectedError }[how]!;
    await assertRejects(() => within("the end", fetching), Expected);
    await within("the throttle to be idle", idle);
  }
});

test("Throttle.retry waits for the rate at each attempt, and ends when the breaker rejects one", async () => {
  const breaker = { failureRate: 0.5, window: 10_000, minCalls: 2, cooldown: 60_000 };
  const { end, sent, throttle } = await send(new Array(5).fill(status(500)), {}, { breaker });
  assertEquals([end, sent, throttle.stats().done], ["RejectedError", 2, 2]);
});

test("new Throttle() rejects invalid retry options", () => {
  for (
    const [retry, Wrong, name] of [
      [{ maxAttempts: 0 }, RangeError, "'retry.maxAttempts'"],
      [{ minDelay: -1 }, RangeError, "'retry.minDelay'"],
      [{ minDelay: 5, maxDelay: 4 }, RangeError, "'maxDelay'"],
      [{ jitter: 2 }, RangeError, "'retry.jitter'"],
      [{ jitter: "1" }, TypeError, "'retry.jitter'"],
      [{ retryIf: 1 }, TypeError, "'retry.retryIf'"],
      [{ maxAttempt: 1 }, TypeError, "maxAttempts"],
      [1, TypeError, "'retry'"],
    ] as const
  ) {
    assertThrows(() => new Throttle({ limit: 1, retry } as never), Wrong, name);
  }
});
