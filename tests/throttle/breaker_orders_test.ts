// Tests a circuit breaker in every order of a few events.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { type Model, playAll } from "../support/interleave.ts";
import { settle, still } from "./callers.ts";

const BREAKER = { failureRate: 0.5, window: 1_000, minCalls: 2, cooldown: 100 };

/** A model of a breaker with two failures, one probe and one success, and of at most three concurrent calls. */
interface State {
  readonly state: "closed" | "open" | "half-open";
  /** The numbers of failures and of ended calls since the breaker closed; the period of each call in progress. */
  readonly failures: number;
  readonly ended: number;
  readonly period: number;
  readonly calls: readonly number[];
  readonly cool: boolean;
  readonly closed: boolean;
  readonly log: readonly string[];
}

test("Throttle.breaker agrees with a model in every order of six events", async () => {
  const model: Model<State, string> = {
    start: { state: "closed", failures: 0, ended: 0, period: 0, calls: [], cool: false, closed: false, log: [] },
    choices: ({ calls, state, cool, closed }) => [
      ...(calls.length < 3 ? ["call"] : []),
      ...calls.flatMap((_, i) => [`end ${i}`, `fail ${i}`, `abort ${i}`]),
      ...(state === "open" && !cool ? ["cooldown"] : []),
      ...(closed ? [] : ["close"]),
    ],
    after: (s, op) => {
      const [what, number] = op.split(" ");
      if (what === "cooldown") return { ...s, cool: true };
      if (what === "close") return { ...s, closed: true };
      if (what === "call") {
        const refuse = (why: string) => ({ ...s, log: [...s.log, why] });
        if (s.closed) return refuse("closed");
        if (s.state === "closed") return { ...s, calls: [...s.calls, s.period] };
        if (s.state === "open") {
          if (!s.cool) return refuse("rejected");
          const period = s.period + 1;
          return { ...s, state: "half-open", period, calls: [...s.calls, period], log: [...s.log, "halfopen"] };
        }
        if (s.calls.includes(s.period)) return refuse("rejected");
        return { ...s, calls: [...s.calls, s.period] };
      }
      const at = Number(number);
      const counts = s.calls[at] === s.period;
      const next = { ...s, calls: s.calls.toSpliced(at, 1) };
      if (!counts || what === "abort") return next;
      const change = (state: State["state"], event: string): State => ({
        ...next,
        state,
        failures: 0,
        ended: 0,
        period: s.period + 1,
        cool: false,
        log: [...s.log, event],
      });
      if (s.state === "half-open") return what === "end" ? change("closed", "close") : change("open", "open");
      const ended = s.ended + 1, failures = s.failures + (what === "fail" ? 1 : 0);
      return ended >= 2 && failures > 0 && failures / ended >= 0.5
        ? change("open", "open")
        : { ...next, ended, failures };
    },
  };
  await playAll(model, 6, () => {
    const { throttle, clock } = still({ breaker: BREAKER });
    const log: string[] = [];
    for (const type of ["open", "halfopen", "close"] as const) throttle.addEventListener(type, () => log.push(type));
    const calls: { resolve: () => void; reject: (error: unknown) => void; controller: AbortController }[] = [];
    return {
      async step(op) {
        const [what, number] = op.split(" ");
        if (what === "cooldown") clock.advance(100);
        else if (what === "close") throttle.close();
        else if (what === "call") {
          const controller = new AbortController();
          const work = () => new Promise<void>((resolve, reject) => calls.push({ resolve, reject, controller }));
          throttle.run(work, { key: "a", signal: controller.signal }).catch((error: Error) => {
            if (error.name === "RejectedError") log.push("rejected");
            else if (error.name === "InvalidStateError") log.push("closed");
          });
        } else {
          const [call] = calls.splice(Number(number), 1);
          if (what === "end") call!.resolve();
          else if (what === "fail") call!.reject(new Error("down"));
          else {
            call!.controller.abort();
            call!.reject(call!.controller.signal.reason);
          }
        }
        await settle();
      },
      check(expected) {
        assertEquals(log, expected.log);
        assertEquals(throttle.stats().keys.get("a")?.breaker ?? "closed", expected.state);
        assertEquals(throttle.active, expected.calls.length);
      },
      async end() {
        for (const { resolve } of calls) resolve();
        await settle();
        assertEquals([throttle.active, throttle.waiting], [0, 0]);
      },
    };
  });
});
