// Makes pools take turns: all are open at once, and in every round each measurement goes through all of them within seconds, in
// alternating order, so that changes in the load of the machine affect all of them. Records pools that hang or fail.
import { type Figures, type Measure, MEASURES, type Plan } from "./measure.ts";
import { PeerProcess, PeerTrouble } from "./peer_process.ts";
import type { Entry } from "./peers.ts";
import { geometricMean } from "./stats.ts";

/** The results of one pool over all rounds. */
export interface PeerRecord {
  readonly entry: Entry;
  /** By round; empty for a round without figures. */
  readonly figures: Partial<Figures>[];
  readonly troubles: Trouble[];
}

export interface Trouble {
  readonly kind: "hangs" | "fails" | "does not close";
  /** The phase it was in, and the error. */
  readonly during: string;
  readonly reason: string;
}

export interface RoundOptions {
  readonly plan: Plan;
  readonly rounds: number;
  /** The maximum silence of a pool, in milliseconds. */
  readonly silence: number;
  say(line: string): void;
  /** Runs once in every round, before the pools. */
  eachRound?(): Promise<unknown>;
}

interface Seat {
  readonly record: PeerRecord;
  /** The bursts of this round, in microseconds. */
  bursts: number[];
  process: PeerProcess | undefined;
  chances: number;
}

/**
 * Waking a sleeping thread takes 15 or 80 us, depending on its core and on whether that core sleeps too. This stays the same for a
 * while, so one long burst would depend on chance. Every round therefore has several short bursts, and their geometric mean
 * counts.
 */
const LATENCY_LAPS = 6;

const HOST = new URL("./peer_host.ts", import.meta.url);

export async function runRounds(entries: readonly Entry[], options: RoundOptions): Promise<PeerRecord[]> {
  const { rounds, say } = options;
  const seats = entries.map((entry): Seat => ({
    record: { entry, figures: Array.from({ length: rounds }, () => ({})), troubles: [] },
    bursts: [],
    process: undefined,
    chances: 2,
  }));
  try {
    for (let round = 0; round < rounds; round++) {
      for (const seat of seats) if (seat.process === undefined && seat.chances > 0) await open(seat, options);
      await options.eachRound?.();
      for (const measure of MEASURES) {
        for (let lap = 0; lap < (measure === "latency" ? LATENCY_LAPS : 1); lap++) {
          const order = (round + lap) % 2 === 0 ? seats : seats.toReversed();
          for (const seat of order) await take(seat, round, measure, options);
        }
      }
      for (const seat of seats) settleLatency(seat, round);
      say(`round ${round + 1} of ${rounds} done`);
    }
    for (const seat of seats) await close(seat, options);
  } finally {
    for (const seat of seats) seat.process?.end();
  }
  return seats.map((seat) => seat.record);
}

async function open(seat: Seat, options: RoundOptions): Promise<void> {
  seat.chances--;
  seat.process = new PeerProcess(HOST, [seat.record.entry.id, JSON.stringify(options.plan)]);
  try {
    await seat.process.ask("open", options.silence);
    options.say(`${seat.record.entry.id} is open`);
  } catch (error) {
    giveUp(seat, error, options);
  }
}

async function take(seat: Seat, round: number, measure: Measure, options: RoundOptions): Promise<void> {
  if (seat.process === undefined) return;
  try {
    const figures = await seat.process.ask(measure, options.silence) as Partial<Figures>;
    if (figures.latency !== undefined) seat.bursts.push(figures.latency);
    Object.assign(seat.record.figures[round]!, figures);
  } catch (error) {
    giveUp(seat, error, options);
  }
}

function settleLatency(seat: Seat, round: number): void {
  if (seat.bursts.length > 0) seat.record.figures[round]!.latency = geometricMean(seat.bursts);
  seat.bursts = [];
}

async function close(seat: Seat, options: RoundOptions): Promise<void> {
  if (seat.process === undefined) return;
  try {
    await seat.process.ask("close", Math.min(5_000, options.silence));
  } catch (error) {
    const { kind, message } = error as PeerTrouble;
    seat.record.troubles.push({
      kind: "does not close",
      during: "closing",
      reason: kind === "hangs" ? "killed" : message,
    });
    options.say(`${seat.record.entry.id} does not close: ${message}`);
  }
  seat.process.end();
  seat.process = undefined;
}

function giveUp(seat: Seat, error: unknown, options: RoundOptions): void {
  if (!(error instanceof PeerTrouble)) throw error;
  const { kind, during, message } = error;
  seat.record.troubles.push({ kind, during, reason: message });
  options.say(`${seat.record.entry.id} ${kind} while ${during}: ${message}`);
  seat.process?.end();
  seat.process = undefined;
}
