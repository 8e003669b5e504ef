// A TCP server that answers each line in capitals, with a thread for each connection in service, and its clients.
//
//   deno run -A scripts/examples/echo_server.ts [--slots 4] [--clients 16] [--lines 25]        (or bun, or node)
//
// Not every runtime can pass a socket to a thread. So the main thread reads and writes all sockets, and each slot has a thread
// that does the work: it gets the lines of its connection one after another. A semaphore admits as many connections as there
// are slots; further connections are open and wait. The clients run in another process and share only the network with the
// server.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Process, Semaphore, ThreadPoolExecutor } from "@heddle/heddle";
import { answer, callServer } from "./echo_tasks.ts";
import { linesOf, writeLine } from "./support/lines.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

type Numbers = Record<"slots" | "clients" | "lines", number>;

/** Serves up to `slots` connections at once. */
class EchoServer {
  readonly #server: Server = createServer({ allowHalfOpen: true });
  readonly #room: Semaphore;
  /** The free slots. An executor with one worker is a reusable thread. */
  readonly #free: ThreadPoolExecutor[];
  readonly #slots: ThreadPoolExecutor[];
  readonly #served: Promise<void>[] = [];
  /** The names of slots whose threads have answered. */
  readonly threads: Set<string> = new Set();
  /** The number of connections in service, and its maximum. */
  active = 0;
  most = 0;

  constructor(slots: number) {
    this.#room = new Semaphore(slots);
    this.#slots = Array.from(
      { length: slots },
      (_, i) => new ThreadPoolExecutor({ maxWorkers: 1, name: `slot ${i + 1}` }),
    );
    this.#free = [...this.#slots];
    this.#server.on("connection", (socket: Socket) => {
      // The reader of a socket gets its errors; a socket that waits for a slot has no reader.
      socket.on("error", () => {});
      const served = this.#room.run(() => this.#serve(socket));
      this.#served.push(served);
      // `close()` reports the failure.
      served.catch(() => socket.destroy());
    });
  }

  /** Listens on a free port of the loopback interface. */
  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts no more connections, and resolves when all accepted ones have ended. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    try {
      await Promise.all(this.#served);
      await closed;
    } finally {
      await Promise.all(this.#slots.map((slot) => slot.shutdown()));
    }
  }

  async #serve(socket: Socket): Promise<void> {
    // A held permit guarantees a free slot.
    const slot = this.#free.pop()!;
    this.most = Math.max(this.most, ++this.active);
    try {
      for await (const line of linesOf(socket)) {
        const { text, slot: name } = await slot.submit(answer, line);
        this.threads.add(name);
        await writeLine(socket, text);
      }
      socket.end();
    } finally {
      this.active--;
      this.#free.push(slot);
    }
  }
}

async function runEcho({ slots, clients, lines }: Numbers): Promise<void> {
  const server = new EchoServer(slots);
  try {
    const port = await server.listen();
    const caller = new Process(callServer, [port, clients, lines], { name: "clients" }).start();
    console.log(`${clients} clients got ${await caller.result} answers, all correct.`);
    await caller.join();
  } finally {
    await server.close();
  }
  console.log(`At most ${server.most} connections were served at once, on ${server.threads.size} threads.`);
  if (server.most > slots) {
    throw new ExampleError(`The semaphore failed: ${server.most} connections were served at once (slots is ${slots})`);
  }
}

if (import.meta.main) await runWithNumbers({ slots: 4, clients: 16, lines: 25 }, runEcho);
