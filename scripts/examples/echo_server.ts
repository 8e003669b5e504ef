// A TCP server that answers every line in capitals, with one thread for each connection it serves, and its clients.
//
//   deno run -A scripts/examples/echo_server.ts [--slots 4] [--clients 16] [--lines 25]        (or bun, or node)
//
// A socket cannot be passed to a thread on all runtimes. So the main thread reads and writes all of them, and a slot is a
// thread of its own that does the work: the lines of a connection go to the thread of its slot, one after another. A
// semaphore lets no more connections in than there are slots; the others are connected and wait. The clients are in
// another process, and share nothing with the server but the network.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Process, Semaphore, ThreadPoolExecutor } from "@heddle/heddle";
import { answer, callServer } from "./echo_tasks.ts";
import { linesOf, writeLine } from "./support/lines.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

type Numbers = Record<"slots" | "clients" | "lines", number>;

/** Serves as many connections at once as it has slots. */
class EchoServer {
  readonly #server: Server = createServer({ allowHalfOpen: true });
  readonly #room: Semaphore;
  /** The slots nobody uses. An executor with one worker is a thread that can be asked again and again. */
  readonly #free: ThreadPoolExecutor[];
  readonly #slots: ThreadPoolExecutor[];
  readonly #served: Promise<void>[] = [];
  /** The slots whose threads have answered. */
  readonly threads: Set<string> = new Set();
  /** How many connections are served, and how many were at most. */
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
      // Who reads the socket hears of errors; while it waits for a slot nobody reads it.
      socket.on("error", () => {});
      const served = this.#room.run(() => this.#serve(socket));
      this.#served.push(served);
      // Whoever closes the server hears of it.
      served.catch(() => socket.destroy());
    });
  }

  /** Listens on a free port of this machine only. */
  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more connections, and ends when all it has taken are over. */
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
    // With a permit in hand there is a slot.
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
    console.log(`${clients} clients got ${await caller.result} answers, all of them right.`);
    await caller.join();
  } finally {
    await server.close();
  }
  console.log(`At most ${server.most} connections were served at once, by ${server.threads.size} threads.`);
  if (server.most > slots) throw new ExampleError(`Cannot trust the semaphore: there are only ${slots} slots`);
}

if (import.meta.main) await runWithNumbers({ slots: 4, clients: 16, lines: 25 }, runEcho);
