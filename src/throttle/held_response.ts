/**
 * A response that tells when its body is over.
 *
 * @module
 */

import type { Hold, Holds } from "./holds.ts";
import type { Turn } from "./turn.ts";
import { watchStream } from "./watched_stream.ts";

/** Returns a response like the given one that holds a permit until its body is over. */
export function holdBody(
  original: Response,
  holds: Holds,
  turn: Turn,
  signal: AbortSignal | undefined,
): Response {
  const hold = holds.add(turn, original, signal);
  try {
    return new HeldResponse(original, hold);
  } catch (error) {
    hold.end();
    throw error;
  }
}

/** Read once, when the module is loaded: some environments of test runners have neither it nor a `fetch`. */
const BaseResponse: typeof Response = globalThis.Response ?? Object;

/**
 * A response as `fetch` gives it, whose body is watched.
 *
 * To hand out the original with a property `body` of its own is tempting. But a server that is to pass the response on looks
 * inside instead, and would read a body that nobody watches. So the watched body is inside, and what a response made by a
 * program does not have, such as its URL, is outside. The methods that read all of the body still ask the original, which
 * does that faster than any stream.
 */
class HeldResponse extends BaseResponse {
  readonly #original: Response;
  readonly #hold: Hold;
  /** Whether the body was seen, so that somebody may read it as a stream, and whether it was cloned, so that two do. */
  #seen = false;
  #cloned = false;
  #used = false;

  constructor(original: Response, hold: Hold) {
    // It refers to the original for as long as it can be read: whether anybody still can is seen by that.
    const body = watchStream(() => original.body, hold);
    super(body, original);
    this.#original = original;
    this.#hold = hold;
  }

  override get url(): string {
    return this.#original.url;
  }

  override get redirected(): boolean {
    return this.#original.redirected;
  }

  override get type(): ResponseType {
    return this.#original.type;
  }

  override get body(): Response["body"] {
    this.#seen = true;
    return super.body;
  }

  override get bodyUsed(): boolean {
    return this.#used || super.bodyUsed;
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#whole()?.((original) => original.arrayBuffer()) ?? super.arrayBuffer();
  }

  override blob(): Promise<Blob> {
    return this.#whole()?.((original) => original.blob()) ?? super.blob();
  }

  override bytes(): ReturnType<Response["bytes"]> {
    return this.#whole()?.((original) => original.bytes()) ?? super.bytes();
  }

  override formData(): Promise<FormData> {
    return this.#whole()?.((original) => original.formData()) ?? super.formData();
  }

  // deno-lint-ignore no-explicit-any
  override json(): Promise<any> {
    return this.#whole()?.((original) => original.json()) ?? super.json();
  }

  override text(): Promise<string> {
    return this.#whole()?.((original) => original.text()) ?? super.text();
  }

  override clone(): Response {
    // Of a body that is used there is no clone, and this says so.
    if (this.#used) return this.#original.clone();
    const copy = super.clone();
    this.#cloned = true;
    return likeOriginal(copy, this.#original);
  }

  /** How to read all of the original at once, if nobody else reads from the stream. */
  #whole(): (<T>(read: (original: Response) => Promise<T>) => Promise<T>) | undefined {
    if (this.#cloned || (!this.#used && (super.bodyUsed || (this.#seen && super.body?.locked)))) return undefined;
    return async (read) => {
      this.#used = true;
      this.#hold.begin();
      try {
        return await read(this.#original);
      } finally {
        this.#hold.end();
      }
    };
  }
}

/** Gives a clone, which the host makes, what only the original has. */
function likeOriginal(copy: Response, original: Response): Response {
  const { url, redirected, type } = original;
  const clone = () => likeOriginal(Response.prototype.clone.call(copy), original);
  return Object.defineProperties(copy, {
    url: { value: url, configurable: true },
    redirected: { value: redirected, configurable: true },
    type: { value: type, configurable: true },
    clone: { value: clone, configurable: true, writable: true },
  });
}
