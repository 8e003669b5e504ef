// Tests encrypted connections under a throttle, to a real server with a certificate that only these tests trust.

import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { createServer, type Server } from "node:tls";
import { Throttle } from "../../mod.ts";
import { until, within } from "../support/poll.ts";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.ts";

let server: Server;
let port: number;

before(async () => {
  server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => socket.write(`encrypted: ${chunk}`));
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});

after(async () => {
  server.close();
  await once(server, "close");
});

const hostname = "127.0.0.1";

test("Throttle.connect() uses TLS on request, and holds its permit until the connection is closed", async () => {
  const throttle = new Throttle({ limit: 1 });
  const tls = { ca: CERTIFICATE, servername: "localhost" };
  const socket = await within("the connection", throttle.connect({ hostname, port, tls }));
  socket.write("hello");
  const [chunk] = await once(socket, "data");
  assertEquals([String(chunk), throttle.active], ["encrypted: hello", 1]);
  await socket[Symbol.asyncDispose]();
  assertEquals(throttle.active, 0);
});

test("Throttle.connect() releases the permit when the certificate is not trusted", async () => {
  const throttle = new Throttle({ limit: 1 });
  const error = await within("a refusal", throttle.connect({ hostname, port, tls: true }).then(() => {}, (e) => e));
  assert(error instanceof Error);
  await until("the permit is back", () => throttle.active === 0);
});
