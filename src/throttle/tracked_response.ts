/**
 * A response of `fetch` that releases its permit when its body ends, without a wrapped body in most cases.
 *
 * @module
 */

import type { BodyPermit } from "./body_permit.ts";
import { BaseResponse, WrappedResponse } from "./wrapped_response.ts";

/** A base class whose constructor returns an existing response, so that subclasses add their private fields to it. */
const Existing = function (response: Response): Response {
  return response;
} as unknown as new (response: Response) => Response;
Existing.prototype = BaseResponse.prototype;

/**
 * The original response, with methods that release the permit. A watched body is created only if the body is read as a
 * stream or cloned. This class suits only hosts whose server takes no `Response`: such a server would read the internal
 * body, which is not watched.
 */
class TrackedResponse extends Existing {
  readonly #permit: BodyPermit;
  /** The response with the watched body, created on demand. */
  #wrapped: WrappedResponse | undefined;

  constructor(response: Response, permit: BodyPermit) {
    super(response);
    this.#permit = permit;
  }

  override get body(): Response["body"] {
    return (this.#wrapped ??= new WrappedResponse(this, this.#permit)).body;
  }

  override get bodyUsed(): boolean {
    return super.bodyUsed || this.#wrapped?.bodyUsed === true;
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#wrapped?.arrayBuffer() ?? this.#end(super.arrayBuffer());
  }

  override blob(): Promise<Blob> {
    return this.#wrapped?.blob() ?? this.#end(super.blob());
  }

  override bytes(): ReturnType<Response["bytes"]> {
    return this.#wrapped?.bytes() ?? this.#end(super.bytes()) as ReturnType<Response["bytes"]>;
  }

  override formData(): Promise<FormData> {
    return this.#wrapped?.formData() ?? this.#end(super.formData());
  }

  // deno-lint-ignore no-explicit-any
  override json(): Promise<any> {
    return this.#wrapped?.json() ?? this.#end(super.json());
  }

  override text(): Promise<string> {
    return this.#wrapped?.text() ?? this.#end(super.text());
  }

  override clone(): Response {
    // A used body cannot be cloned: the host throws the error.
    if (super.bodyUsed) return super.clone();
    return (this.#wrapped ??= new WrappedResponse(this, this.#permit)).clone();
  }

  /** Releases the permit when a method that reads the whole body settles. */
  async #end<T>(read: Promise<T>): Promise<T> {
    this.#permit.begin();
    try {
      return await read;
    } finally {
      this.#permit.end();
    }
  }
}

/** Makes a response release a permit when its body ends. */
export function trackResponse(response: Response, permit: BodyPermit): Response {
  return Object.setPrototypeOf(new TrackedResponse(response, permit), TrackedResponse.prototype) as Response;
}
