// Tests requests under a throttle, at a real server.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { after, before, test } from "node:test";
import { RejectedError, Throttle, TimeoutError } from "../../mod.ts";
import { useClock } from "../../src/throttle/throttle.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { until, within } from "../support/poll.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";
import { asked, type CountingServer, startServer } from "./server.ts";

let server: CountingServer;
before(async () => server = await startServer());
after(() => server.close());

let paths = 0;
/** Returns a URL that was not requested before. */
const fresh = () => `/${++paths}`;

/** Starts a request, and returns it with the server's side of it. */
async function begin(throttle: Throttle, init?: RequestInit) {
  const path = fresh();
  const fetching = throttle.fetch(server.url + path, init);
  const answer = await asked(server, path);
  return { path, answer, response: await within("the head of an answer", fetching) };
}

const readers: Record<string, (response: Response) => Promise<unknown>> = {
  text: (response) => response.text(),
  bytes: async (response) => new TextDecoder().decode(await response.bytes()),
  arrayBuffer: async (response) => new TextDecoder().decode(await response.arrayBuffer()),
  blob: async (response) => await (await response.blob()).text(),
  loop: async (response) => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
    return text;
  },
  "buffers of its own": async (response) => {
    const reader = response.body!.getReader({ mode: "byob" });
    const decoder = new TextDecoder();
    for (let text = "";;) {
      const { done, value } = await reader.read(new Uint8Array(4));
      if (done) return text;
      text += decoder.decode(value, { stream: true });
    }
  },
  pipe: async (response) => await new Response(response.body!.pipeThrough(new TransformStream())).text(),
  response: async (response) => await new Response(response.body).text(),
  clone: async (response) => {
    const copy = response.clone();
    const [one, two] = await Promise.all([response.text(), copy.text()]);
    assertEquals(one, two);
    return one;
  },
  "clone of a clone": async (response) => {
    const copies = [response.clone().clone(), response.clone(), response];
    const texts = await Promise.all(copies.map((copy) => copy.text()));
    assertEquals(new Set(texts).size, 1);
    return texts[0];
  },
  tee: async (response) => {
    const texts = await Promise.all(response.body!.tee().map((branch) => new Response(branch).text()));
    assertEquals(texts[0], texts[1]);
    return texts[1];
  },
};

for (const [how, read] of Object.entries(readers)) {
  test(`Throttle.fetch() holds its permit until the body is read to the end: ${how}`, async () => {
    const throttle = new Throttle({ limit: 1 });
    const { answer, response } = await begin(throttle);
    const reading = read(response);
    assertEquals(throttle.active, 1);
    answer.end("and ended");
    assertEquals(await within("the body", reading), "begun and ended");
    await until("the permit is back", () => throttle.active === 0);
    assertEquals(throttle.stats().done, 1);
  });
}

test("Throttle.fetch() returns a response like that of fetch", async () => {
  const throttle = new Throttle({ limit: 1 });
  const other = await startServer((request, response) => {
    if (request.url === "/from") response.writeHead(302, { location: "/to" }).end();
    else response.writeHead(203, "Quite", { "content-type": "application/json", "x-kind": "test" }).end('{"a":1}');
  });
  const [ours, theirs] = [await throttle.fetch(`${other.url}/from`), await fetch(`${other.url}/from`)];
  assertInstanceOf(ours, Response);
  for (const name of ["url", "status", "statusText", "ok", "redirected", "type", "bodyUsed"] as const) {
    assertEquals(ours[name], theirs[name], name);
    assertEquals(ours.clone()[name], theirs[name], `${name} of a clone`);
  }
  assertEquals(ours.url, `${other.url}/to`);
  assertEquals([...ours.headers].sort(), [...theirs.headers].sort());
  await theirs.body?.cancel();
  assertEquals(await ours.clone().json(), { a: 1 });
  assertEquals(await ours.json(), { a: 1 });
  assertEquals(ours.bodyUsed, true);
  await assertRejects(() => ours.text(), TypeError);
  await until("the permit is back", () => throttle.active === 0);
  assertEquals(throttle.stats().done, 1);
  await other.close();
});

test("Throttle.fetch() releases the permit when the body is cancelled", async () => {
  const throttle = new Throttle({ limit: 1 });
  const { answer, response } = await begin(throttle);
  const gone = new Promise<void>((resolve) => answer.once("close", () => resolve()));
  await response.body!.cancel();
  await until("the permit is back", () => throttle.active === 0);
  await within("the server to hear of it", gone);
  const half = await begin(throttle);
  const reader = half.response.body!.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value), "begun ");
  assertEquals(throttle.active, 1);
  await reader.cancel("enough");
  await until("the permit is back", () => throttle.active === 0);
  assertEquals(throttle.stats().done, 2);
});

for (const how of ["text", "loop", "clone"]) {
  test(`Throttle.fetch() releases the permit when the server hangs up: ${how}`, async () => {
    const throttle = new Throttle({ limit: 1 });
    const { answer, response } = await begin(throttle);
    const reading = readers[how]!(response);
    answer.destroy();
    await assertRejects(() => within("the end of the body", reading));
    await until("the permit is back", () => throttle.active === 0);
    assertEquals(throttle.stats().done, 1);
  });
}

test("Throttle.fetch() releases the permit when its signal is aborted, at any time", async () => {
  const throttle = new Throttle({ limit: 1 });
  const reading = new AbortController(), resting = new AbortController(), waiting = new AbortController();
  const first = await begin(throttle, { signal: reading.signal });
  const never = throttle.fetch(server.url + fresh(), { signal: waiting.signal });
  waiting.abort(new Error("left the line"));
  await assertRejects(() => never, Error, "left the line");
  const text = first.response.text();
  reading.abort(new Error("enough"));
  await assertRejects(() => within("the body", text));
  await until("the permit is back", () => throttle.active === 0);
  await begin(throttle, { signal: resting.signal });
  assertEquals(throttle.active, 1);
  resting.abort();
  await until("the permit is back", () => throttle.active === 0);
  const asking = new AbortController();
  const path = fresh();
  const other = await startServer((request, response) => void server.open.set(request.url!, response));
  const fetching = throttle.fetch(new Request(other.url + path, { signal: asking.signal }));
  await asked(server, path);
  asking.abort();
  await assertRejects(() => within("the answer", fetching));
  assertEquals([throttle.active, throttle.waiting], [0, 0]);
  await other.close();
});

test("Throttle.fetch() waits no longer than its timeout, and is rejected", async () => {
  const throttle = new Throttle({ limit: 1, queueLimit: 1 });
  const { answer, response } = await begin(throttle);
  const late = throttle.fetch(server.url + fresh(), {}, { timeout: 20 });
  await assertRejects(() => throttle.fetch(server.url), RejectedError);
  await assertRejects(() => late, TimeoutError);
  answer.end();
  await response.text();
  assertEquals([throttle.active, throttle.waiting, throttle.stats().shed], [0, 0, 1]);
});

test("Throttle.fetch() is keyed by host, or by its key option", async () => {
  const throttle = new Throttle({ limit: 10, perKey: 1 });
  const { answer, response } = await begin(throttle);
  const other = throttle.fetch(server.url.replace("127.0.0.1", "localhost") + "/never", {}, { key: "own" });
  (await asked(server, "/never")).end();
  await (await within("another key", other)).text();
  assertEquals(throttle.stats().keys.get(new URL(server.url).host)!.active, 1);
  const second = throttle.fetch(server.url + "/second");
  assertEquals(throttle.waiting, 1);
  answer.end();
  await response.text();
  (await asked(server, "/second")).end();
  await (await second).text();
  assertEquals([...throttle.stats().keys.keys()].sort(), [new URL(server.url).host, "own"].sort());
});

test("Throttle.fetch() releases the permit at once if there is no body", async () => {
  const throttle = new Throttle({ limit: 1 });
  const other = await startServer((request, response) => {
    const status = Number(request.url!.slice(1));
    response.writeHead(status, status === 200 ? { "content-length": 0 } : {}).end();
  });
  for (const status of [204, 205, 304, 200]) {
    const response = await within("the answer", throttle.fetch(`${other.url}/${status}`));
    assertEquals([response.status, throttle.active], [status, 0]);
  }
  const head = await throttle.fetch(`${other.url}/203`, { method: "HEAD" });
  assertEquals([head.status, throttle.active], [203, 0]);
  await other.close();
});

test("Throttle.fetch() releases the permit once if the request fails or its URL is invalid", async () => {
  const throttle = new Throttle({ limit: 1 });
  const gone = await startServer();
  await gone.close();
  for (const url of [gone.url, "http://", "nowhere:/", "/relative", "http://host.invalid/"]) {
    await assertRejects(() => within(url, throttle.fetch(url)));
    assertEquals([throttle.active, throttle.waiting], [0, 0]);
  }
  assertEquals(throttle.stats().done, 5);
});

test("Throttle.fetch() reports bodies that are never read", async () => {
  const throttle = new Throttle({ limit: 3 });
  const clock = new ManualClock();
  useClock(throttle, clock);
  const one = await begin(throttle), two = await begin(throttle);
  clock.advance(9_999);
  assertEquals(throttle.stats().unread, 0);
  const reading = two.response.text();
  clock.advance(1);
  assertEquals(throttle.stats().unread, 1);
  await one.response.body!.cancel();
  assertEquals(throttle.stats().unread, 0);
  two.answer.end();
  await reading;
});

test(
  "Throttle.fetch() releases the permit of a response that was garbage-collected",
  { timeout: SLOW_TEST_LIMIT },
  async () => {
    const throttle = new Throttle({ limit: 2 });
    const kept = await begin(throttle);
    const reader = kept.response.body!.getReader();
    kept.response = undefined as never;
    await (async () => void await begin(throttle))();
    assertEquals(throttle.active, 2);
    let rubbish: unknown[] = [];
    await until("the forgotten response is collected", () => {
      rubbish = Array.from({ length: 20_000 }, () => new Array(100).fill(0));
      return throttle.active === 1;
    }, SLOW_TEST_LIMIT);
    assert(rubbish.length > 0);
    // The holder of the reader can still read.
    assertEquals(new TextDecoder().decode((await reader.read()).value), "begun ");
    assertEquals(throttle.active, 1);
    kept.answer.end();
    while (!(await reader.read()).done);
    await until("the permit is back", () => throttle.active === 0);
  },
);
