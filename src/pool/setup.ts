/**
 * The first message of a worker.
 *
 * @module
 */

import type { ValueEncoder } from "../wire/encoder.ts";
import * as op from "../wire/message.ts";
import type { KnownTask } from "./known_task.ts";
import type { Settings } from "./options.ts";
import type { Slot } from "./slot.ts";
import { StandIn } from "./stand_in.ts";

/** The content of the first message, and the services of the worker from then on. */
export interface SetupPlan {
  readonly settings: Settings;
  readonly encoder: ValueEncoder;
  /** Number of tasks the worker may have in progress. */
  readonly concurrency: number;
  /** The task entry of the initializer. */
  readonly initializer: KnownTask | undefined;
  /** Reports the failure of a call to a local object whose answer the worker does not await. */
  readonly fault: (error: unknown) => void;
}

/**
 * Prepares a worker before its start, and writes its first message. Throws if the arguments of the initializer cannot
 * travel.
 */
export function setUp(slot: Slot, { settings, encoder, concurrency, initializer, fault }: SetupPlan): void {
  slot.standIn = new StandIn({
    encoder,
    send: (write) => {
      write(slot.writer);
      slot.flush();
    },
    fault,
  });
  slot.concurrency = concurrency;
  const record = slot.writer.record(op.SETUP);
  record.u32(slot.id);
  record.u32(concurrency);
  record.u8(settings.maxMemoryBytes === Infinity ? 0 : 1);
  record.f64(settings.loadTimeout ?? settings.startTimeout);
  record.string(settings.name);
  record.u32(initializer?.reference ?? 0);
  slot.writer.value(encoder.encode(settings.initArgs, "initArgs"));
}
