// Starts a Redis or Valkey server on a free port of this machine.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { findServer } from "./find_server.ts";

/** The time limit for a server's first answer, in milliseconds. */
const START_LIMIT = 10_000;

/** A server that was started here, or an existing one. */
export interface RedisServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Its process; undefined for an existing server. */
  readonly pid: number | undefined;
  /** Restarts it after its end, with the same data on the same port. */
  restart(): Promise<void>;
  /** Kills it, as in a crash; resolves when it has ended. */
  kill(): Promise<void>;
  /** Stops it and deletes its data. */
  stop(): Promise<void>;
}

/** Returns a server, or the reason why there is none. */
export async function startServer({ own = false }: { own?: boolean } = {}): Promise<RedisServer | string> {
  const given = process.env.HEDDLE_REDIS_URL;
  if (given !== undefined && given !== "") {
    return own ? "the server of HEDDLE_REDIS_URL must not be ended by a test" : serverAt(given);
  }
  const program = findServer();
  if (typeof program === "string") return program;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "heddle-redis-"));
  const target: Partial<EventTarget> = globalThis;
  let child: ChildProcess | undefined;
  let gone: Promise<void> = Promise.resolve();
  const start = async () => {
    const env = { ...process.env };
    if (program.libraries.length > 0) {
      env.LD_LIBRARY_PATH = [...program.libraries, process.env.LD_LIBRARY_PATH ?? ""].filter(Boolean).join(delimiter);
    }
    const options = [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--dir",
      folder,
      "--save",
      "",
      "--appendonly",
      "yes",
    ];
    options.push("--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning");
    const started = spawn(program.path, options, { env, stdio: "ignore", argv0: "redis-server" });
    child = started;
    let failed: Error | undefined;
    gone = new Promise((resolve) => {
      started.once("exit", () => resolve());
      started.once("error", (error) => resolve(void (failed = error)));
    });
    // Only the program that started it may wait for its end.
    started.unref();
    const end = Date.now() + START_LIMIT;
    while (!await answers(port)) {
      if (failed !== undefined || started.exitCode !== null || Date.now() > end) {
        started.kill("SIGKILL");
        throw new Error(`Cannot start ${program.path}`, { cause: failed });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    if (child === undefined) return;
    // A program that stops its server waits for its end.
    child.ref();
    child.kill(signal);
    await gone;
    child = undefined;
  };
  const stop = async () => {
    process.off("exit", last);
    target.removeEventListener?.("unload", last);
    await end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  const last = () => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", last);
  // Deno's test runner tells of the end only in this way, and calls no `after` of a file that has a skipped test.
  target.addEventListener?.("unload", last);
  try {
    await start();
  } catch (error) {
    await stop();
    return `${(error as Error).message}`;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    host: "127.0.0.1",
    port,
    get pid() {
      return child?.pid;
    },
    restart: async () => {
      await end("SIGTERM");
      await start();
    },
    kill: () => end("SIGKILL"),
    stop,
  };
}

function serverAt(url: string): RedisServer {
  const { hostname, port } = new URL(url);
  const never = () => Promise.reject(new Error("Cannot stop a server that was not started here"));
  return {
    url,
    host: hostname,
    port: port === "" ? 6379 : Number(port),
    pid: undefined,
    restart: never,
    kill: never,
    stop: () => Promise.resolve(),
  };
}

/** Returns a port without a listener. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Tells whether a server answers to a ping: not yet while it loads its data. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => socket.write("PING\r\n"));
    socket.once("data", (data) => done(String(data).startsWith("+PONG")));
    socket.once("error", () => done(false));
    socket.setTimeout(500, () => done(false));
  });
}
