/**
 * The events of a queue, without a gap at the start, and for as long as it is open.
 *
 * Relying on `waitUntilReady()` is tempting, but it resolves before the engine listens, and the first events are
 * missed: hence the handshake. An entry that cannot be read ends the engine's listener, so that it is restarted.
 *
 * @module
 */

import { closeObject, letProgramEnd } from "./connection.ts";
import { type EngineEvents, type EngineQueue, listen } from "./engine.ts";
import { type ClusterClock, type ClusterSettings, engineOptions } from "./options.ts";

/** The fields of an event. */
export type Fields = Readonly<Record<string, unknown>>;

/** The listeners of a stream. */
export interface StreamHooks {
  /** An event has come. */
  heard(event: string, fields: Fields): void;
  /** Events may have been missed. */
  missed(): void;
  /** Whether the program may end while it listens. */
  readonly idle: boolean;
}

const HELLO = "heddle:hello";
/** The interval of the handshake, in milliseconds. */
const REPEAT = 25;
/** The pause before a listener that has ended is restarted, in milliseconds. */
const RESTART = 100;
/** The number of events that the server keeps; a task makes about four. The sweep makes up for trimmed ones. */
export const MOST_EVENTS = 100_000;

/** Listens to the events of a queue. */
export class EventStream {
  readonly #settings: ClusterSettings;
  readonly #clock: ClusterClock;
  readonly #queue: EngineQueue;
  readonly #name: string;
  readonly #kinds: readonly string[];
  readonly #hooks: StreamHooks;
  #events: EngineEvents | undefined;
  #closed = false;
  #heardAt = 0;
  #stop: () => void = () => {};

  /**
   * @param queue publishes the messages; the stream listens to its events.
   * @param kinds the events to listen to.
   */
  constructor(
    settings: ClusterSettings,
    queue: EngineQueue,
    name: string,
    kinds: readonly string[],
    hooks: StreamHooks,
  ) {
    this.#settings = settings;
    this.#clock = settings.clock;
    this.#queue = queue;
    this.#name = name;
    this.#kinds = kinds;
    this.#hooks = hooks;
  }

  /** Resolves once no later event can be missed. */
  async open(): Promise<void> {
    const { engine } = this.#settings;
    // The engine guards a blocked read with a timer, which would keep the program alive. `check` replaces it.
    const waits = this.#hooks.idle ? { blockingTimeout: 0 } : {};
    const events = new engine.QueueEvents(this.#name, engineOptions(this.#settings, { autorun: false, ...waits }));
    this.#events = events;
    this.#heardAt = this.#clock.now();
    if (this.#hooks.idle) letProgramEnd(events);
    const tag = crypto.randomUUID();
    const answered = new Promise<void>((resolve) => {
      listen(events, "error", () => {});
      listen(events, HELLO, (fields: Fields) => {
        this.#heardAt = this.#clock.now();
        if (fields.tag === tag) resolve();
      });
    });
    for (const kind of this.#kinds) listen(events, kind, (fields: Fields) => this.#heard(events, kind, fields));
    events.run().then(() => {}, () => this.#restart(events));
    await this.#handshake(tag, answered);
  }

  /** Probes the listener, and restarts it after two leases without an event: its connection may be dead. */
  check(): void {
    const events = this.#events;
    if (events === undefined) return;
    this.publish(HELLO, { tag: "" }).catch(() => {});
    if (this.#clock.now() - this.#heardAt > 2 * this.#settings.lease) this.#restart(events);
  }

  /** Starts the silence of the listener now: it was not probed before. */
  expect(): void {
    this.#heardAt = this.#clock.now();
  }

  /** Publishes an event. */
  async publish(event: string, fields: Fields): Promise<void> {
    await this.#queue.getBackend().publishEvent({ ...fields, event }, MOST_EVENTS);
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    if (this.#events !== undefined) await closeObject(this.#events, this.#clock);
  }

  #heard(events: EngineEvents, kind: string, fields: Fields): void {
    if (events !== this.#events || this.#closed) return;
    this.#heardAt = this.#clock.now();
    this.#hooks.heard(kind, fields);
  }

  /** Publishes a hello until it comes back. */
  #handshake(tag: string, answered: Promise<void>): Promise<void> {
    let stop = () => {};
    let under = false;
    const say = () => {
      // One at a time: without a connection requests would pile up.
      if (!under) {
        under = true;
        this.publish(HELLO, { tag }).catch(() => {}).finally(() => under = false);
      }
      stop = this.#clock.startTimer(REPEAT, say, { unref: true });
    };
    say();
    this.#stop = () => stop();
    return answered.finally(() => stop());
  }

  #restart(ended: EngineEvents): void {
    if (this.#closed || ended !== this.#events) return;
    this.#events = undefined;
    void closeObject(ended, this.#clock);
    this.#stop = this.#clock.startTimer(RESTART, () => {
      if (this.#closed) return;
      this.open().then(() => this.#closed || this.#hooks.missed(), () => {});
    }, { unref: true });
  }
}
