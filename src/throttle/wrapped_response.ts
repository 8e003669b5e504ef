/**
 * A response that releases its permit when its body ends.
 *
 * @module
 */

import type { BodyPermit } from "./body_permit.ts";
import { watchStream } from "./watched_stream.ts";

/** The `Response` of the host, or `Object` in test environments without a `Response`. */
export const BaseResponse: typeof Response = globalThis.Response ?? Object;

/** The host's methods, as the original may have overridden them. */
const host = BaseResponse.prototype;

/**
 * A response like those of `fetch`, whose body is watched.
 *
 * Overriding the property `body` of the original is tempting. But a server that sends the response reads the internal
 * body instead, which is not watched. So the watched body is the internal one, and properties that a constructed
 * response lacks, such as `url`, are overridden. Methods that read the whole body call those of the original, which are
 * faster than a stream.
 */
export class WrappedResponse extends BaseResponse {
  readonly #original: Response;
  readonly #permit: BodyPermit;
  /** Whether `body` was accessed, so that it may be read as a stream, and whether the response was cloned. */
  #seen = false;
  #cloned = false;
  #used = false;

  constructor(original: Response, permit: BodyPermit) {
    // The body refers to the original while it can be read, as the permit is released when the original is collected.
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
    // A used body cannot be cloned: the host throws the error.
    if (this.#used) return host.clone.call(this.#original);
    const copy = super.clone();
    this.#cloned = true;
    return likeOriginal(copy, this.#original);
  }

  /** Returns a function that reads the whole original, or undefined if the body is read as a stream or was cloned. */
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

/** Returns the body of a response through the host's getter. */
function bodyOf(response: Response): Response["body"] {
  return (Object.getOwnPropertyDescriptor(host, "body")!.get as () => Response["body"]).call(response);
}

/** Gives the host's clone the properties that only the original has. */
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
