/**
 * A stream of an actor whose owner is another worker.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { type HandleKind, kindOf, registerKind, type RemoteLink } from "../wire/handles.ts";
import { ArgumentSource, DEFAULT_BUFFER, IterableReader } from "../wire/iterables.ts";
import type { Stream } from "./stream.ts";

/** A stream that another worker pulls. It ends when that worker drops it. */
export class LentStream extends ArgumentSource {
  readonly #stream: Stream<unknown>;

  static {
    const pulled = kindOf(ArgumentSource.prototype) as HandleKind<ArgumentSource>;
    registerKind<LentStream>(this.prototype, {
      name: "ActorStream",
      module: import.meta.url,
      describe: () => DEFAULT_BUFFER,
      remote: (link, size: never) => new StreamEnd(link, size) as object as LentStream,
      call: (source, scope, method, args, signal) => {
        if (method === "abort") return source.#stream.abort(args[0]);
        return method === "leave" ? source.#leave() : pulled.call(source, scope, method, args, signal);
      },
      returned: (source) => void source.#leave().catch(() => {}),
    });
  }

  constructor(stream: Stream<unknown>) {
    super(stream);
    this.#stream = stream;
  }

  async #leave(): Promise<void> {
    await this.#stream.return();
  }
}

/** The end of a stream in the worker that pulls it. */
class StreamEnd {
  readonly #link: RemoteLink;
  readonly reader: IterableReader;

  constructor(link: RemoteLink, size: number) {
    this.#link = link;
    this.reader = new IterableReader(
      (used) => link.call("pull", [used], { scope: 0 }) as Promise<unknown[]>,
      () => {},
      size,
    );
  }

  abort(reason: unknown): void {
    this.#link.post("abort", [reason], 0);
  }

  async leave(): Promise<void> {
    await this.reader.return();
    await this.#link.call("leave", [], { scope: 0 });
  }
}

/** Starts a stream through a link. */
export function remoteStream(link: RemoteLink, args: unknown[], signal: AbortSignal | undefined): Stream<unknown> {
  const opened = signal?.aborted ? Promise.reject(signal.reason) : link.call("stream", args, { scope: 0 });
  return new RemoteStream(opened as Promise<StreamEnd>, signal);
}

/** The values of a method of an actor whose owner is another worker. */
class RemoteStream implements Stream<unknown> {
  readonly #end: Promise<StreamEnd>;
  readonly #aborted: Promise<never>;
  readonly #stopListening: () => void;
  #reject!: (reason: unknown) => void;
  /** Whether the stream yields no more values, because the consumer has left or has received an error. */
  #over = false;

  static {
    printsAs(this, "Stream", []);
  }

  constructor(end: Promise<StreamEnd>, signal: AbortSignal | undefined) {
    this.#end = end;
    this.#aborted = new Promise((_resolve, reject) => this.#reject = reject);
    this.#aborted.catch(() => {});
    end.catch(() => {});
    const heard = () => this.abort(signal!.reason);
    signal?.addEventListener("abort", heard, { once: true });
    this.#stopListening = () => signal?.removeEventListener("abort", heard);
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#over) return { done: true, value: undefined };
    try {
      const step = await Promise.race([this.#end.then((end) => end.reader.next()), this.#aborted]);
      if (this.#over) return { done: true, value: undefined };
      if (step.done) this.#finish();
      return step as IteratorResult<unknown, undefined>;
    } catch (error) {
      this.#finish();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    if (!this.#over) {
      this.#finish();
      let end: StreamEnd | undefined;
      try {
        end = await this.#end;
      } catch {
        // A stream that has not started has no generator to end.
      }
      await end?.leave();
    }
    return { done: true, value: undefined };
  }

  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    if (this.#over) return;
    this.#stopListening();
    this.#reject(reason);
    this.#end.then((end) => end.abort(reason), () => {});
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #finish(): void {
    this.#over = true;
    this.#stopListening();
  }
}
