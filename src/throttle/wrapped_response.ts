/**
 * A response that tells when its body is over.
 *
 * @module
 */

import type { BodyPermit } from "./body_permit.ts";
import { watchStream } from "./watched_stream.ts";

/** Read once, when the module is loaded: some environments of test runners have neither it nor a `fetch`. */
export const BaseResponse: typeof Response = globalThis.Response ?? Object;

/** The original may have methods of its own: these are the host's. */
const host = BaseResponse.prototype;

/**
 * A response as `fetch` gives it, whose body is watched.
 *
 * To return the original with a property `body` of its own is tempting. But a server that passes the response on looks inside instead,
 * and would read a body that is not watched. So the watched body is inside, and what a response made by a program does not have, such
 * as its URL, is outside. The methods that read all of the body still ask the original, which does that faster than any stream.
 */
export class WrappedResponse extends BaseResponse {
  readonly #original: Response;
  readonly #permit: BodyPermit;
  /** Whether the body was seen, so that it may be read as a stream, and whether it was cloned, so that both are. */
  #seen = false;
  #cloned = false;
  #used = false;

  constructor(original: Response, permit: BodyPermit) {
    // It refers to the original for as long as it can be read: the permit is released when the original is collected.
    const body = watchStream(() => bodyOf(original), permit);
    super(body, original);
    this.#original = original;
    this.#permit = permit;
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
    return this.#whole()?.((original) => host.arrayBuffer.call(original)) ?? super.arrayBuffer();
  }

  override blob(): Promise<Blob> {
    return this.#whole()?.((original) => host.blob.call(original)) ?? super.blob();
  }

  override bytes(): ReturnType<Response["bytes"]> {
    return this.#whole()?.((original) => host.bytes.call(original)) ?? super.bytes();
  }

  override formData(): Promise<FormData> {
    return this.#whole()?.((original) => host.formData.call(original)) ?? super.formData();
  }

  // deno-lint-ignore no-explicit-any
  override json(): Promise<any> {
    return this.#whole()?.((original) => host.json.call(original)) ?? super.json();
  }

  override text(): Promise<string> {
    return this.#whole()?.((original) => host.text.call(original)) ?? super.text();
  }

  override clone(): Response {
    // Of a body that is used there is no clone, and the host says so.
    if (this.#used) return host.clone.call(this.#original);
    const copy = super.clone();
    this.#cloned = true;
    return likeOriginal(copy, this.#original);
  }

  /** How to read all of the original at once, unless the stream is being read. */
  #whole(): (<T>(read: (original: Response) => Promise<T>) => Promise<T>) | undefined {
    if (this.#cloned || (!this.#used && (super.bodyUsed || (this.#seen && super.body?.locked)))) return undefined;
    return async (read) => {
      this.#used = true;
      this.#permit.begin();
      try {
        return await read(this.#original);
      } finally {
        this.#permit.end();
      }
    };
  }
}

/** The host's own body of a response. */
function bodyOf(response: Response): Response["body"] {
  return (Object.getOwnPropertyDescriptor(host, "body")!.get as () => Response["body"]).call(response);
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
