// Tests whether an event was delivered to a listener, which decides whether an error is printed.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { announcerOf, type ExecutorEvent, ExecutorTarget } from "../../src/pool/events.ts";

type ErrorEvent = ExecutorEvent<"error">;

/** Creates a target, and a function that announces an error to its listeners. */
function open(): { target: ExecutorTarget<"error">; announce(): boolean } {
  const target = new ExecutorTarget<"error">();
  const announce = announcerOf(target);
  return { target, announce: () => announce("error", () => ({ error: "x", workerId: 1 })) };
}

test("ExecutorTarget reports an event as heard while it has a listener", () => {
  const { target, announce } = open();
  const heard: unknown[] = [];
  const listener = ({ error }: ErrorEvent) => void heard.push(error);
  assertEquals(announce(), false);
  target.addEventListener("error", listener);
  assertEquals([announce(), announce(), heard], [true, true, ["x", "x"]]);
  target.removeEventListener("error", listener);
  assertEquals([announce(), heard.length], [false, 2]);
  target.addEventListener("error", listener);
  assertEquals([announce(), heard.length], [true, 3]);
});

test("ExecutorTarget removes a listener with `once` after one event", () => {
  const { target, announce } = open();
  let heard = 0;
  target.addEventListener("error", () => heard++, { once: true });
  assertEquals([announce(), announce(), heard], [true, false, 1]);
  const listener = () => heard++;
  target.addEventListener("error", listener, { once: true });
  target.removeEventListener("error", listener);
  assertEquals([announce(), heard], [false, 1]);
});

test("ExecutorTarget removes a listener whose signal has fired", () => {
  const { target, announce } = open();
  const controller = new AbortController();
  let heard = 0;
  target.addEventListener("error", () => heard++, { signal: controller.signal });
  assertEquals([announce(), heard], [true, 1]);
  controller.abort();
  target.addEventListener("error", () => heard++, { signal: controller.signal });
  assertEquals([announce(), heard], [false, 1]);
});

test("ExecutorTarget registers a repeated listener once for each phase", () => {
  const { target, announce } = open();
  let heard = 0;
  const listener = () => heard++;
  target.addEventListener("error", listener);
  target.addEventListener("error", listener, { once: true });
  assertEquals([announce(), heard], [true, 1]);
  target.addEventListener("error", listener, true);
  assertEquals([announce(), heard], [true, 3]);
  target.removeEventListener("error", listener);
  assertEquals([announce(), heard], [true, 4]);
  target.removeEventListener("error", listener, { capture: true });
  assertEquals([announce(), heard], [false, 4]);
});

test("ExecutorTarget accepts objects and null as listeners", () => {
  const { target, announce } = open();
  const heard: unknown[] = [];
  const listener = {
    handleEvent(event: Event): void {
      heard.push(this === listener, event.type, event.currentTarget === target);
    },
  };
  target.addEventListener("error", null);
  target.removeEventListener("error", null);
  assertEquals(announce(), false);
  target.addEventListener("error", listener);
  assertEquals([announce(), heard], [true, [true, "error", true]]);
  target.removeEventListener("error", listener);
  target.addEventListener("error", function (this: unknown) {
    heard.push(this === target);
  });
  assertEquals([announce(), heard.length, heard[3]], [true, 4, true]);
});

test("ExecutorTarget tells nested events apart if a listener causes another event", () => {
  const { target, announce } = open();
  const inner: boolean[] = [];
  target.addEventListener("error", () => inner.push(announce()), { once: true });
  assertEquals([announce(), inner, announce()], [true, [false], false]);
  const other = open();
  other.target.addEventListener("error", (event) => event.stopImmediatePropagation());
  other.target.addEventListener("error", () => inner.push(true), { once: true });
  assertEquals([other.announce(), inner], [true, [false]]);
});
