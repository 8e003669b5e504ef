import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { blank, importsOf, lineOf } from "../../scripts/checks/sources.ts";

test("blank() blanks comments and strings and keeps every column", () => {
  const text = 'a; // Deno.x\nb("Deno.y", `Deno.z`); /* Deno\n.q */ c;';
  const code = blank(text);
  assertEquals(code.includes("Deno"), false);
  assertEquals(code.length, text.length);
  assertEquals(lineOf(code, code.indexOf("c;")), 3);
});

test("blank() copes with quotes in a regular expression and slashes in a string", () => {
  assertEquals(blank('const r = /["\'`]/; Deno.cwd(); "//"; Bun.x').includes("Deno.cwd()"), true);
  assertEquals(blank('const r = /["\'`]/; Deno.cwd(); "//"; Bun.x').includes("Bun.x"), true);
  assertEquals(blank("const half = a / b; Deno.cwd(); c / d").includes("Deno.cwd()"), true);
});

test("importsOf() finds imports, re-exports and dynamic imports, but not those in comments", () => {
  const text = `import a from "./a.ts";
// import b from "./b.ts";
export {
  c,
} from "./c.ts";
import "./d.ts";
const e = await import("./e.ts");
/** import f from "./f.ts"; */`;
  assertEquals(importsOf({ path: "x.ts", text }), [
    { specifier: "./a.ts", line: 1 },
    { specifier: "./c.ts", line: 5 },
    { specifier: "./d.ts", line: 6 },
    { specifier: "./e.ts", line: 7 },
  ]);
});
