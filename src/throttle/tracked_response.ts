/**
 * A response of `fetch` that tells when its body is over, and is still the host's own.
 *
 * @module
 */

import type { BodyPermit } from "./body_permit.ts";
import { BaseResponse, WrappedResponse } from "./wrapped_response.ts";

/** Lets a class add its private fields to a response that is there already. */
const Existing = function (response: Response): Response {
  return response;
} as unknown as new (response: Response) => Response;
Existing.prototype = BaseResponse.prototype;

/**
 * The response itself, with methods that release the permit. Only where its body is read as a stream, or cloned, is a watched body
 * made. It is for hosts without a server that takes responses: such a server would read the body inside, which is not watched.
 */
class TrackedResponse extends Existing {
  readonly #permit: BodyPermit;
  /** What has the watched body, once that was asked for. */
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
    // Of a body that is used there is no clone, and the host says so.
    if (super.bodyUsed) return super.clone();
    return (this.#wrapped ??= new WrappedResponse(this, this.#permit)).clone();
  }

  /** The body is over when a method that reads all of it is. */
  async #end<T>(read: Promise<T>): Promise<T> {
    this.#permit.begin();
    try {
      return await read;
    } finally {
      this.#permit.end();
    }
  }
}

/** Makes a response release a permit when its body is over. */
export function trackResponse(response: Response, permit: BodyPermit): Response {
  return Object.setPrototypeOf(new TrackedResponse(response, permit), TrackedResponse.prototype) as Response;
}
