// Finds the code blocks of a Markdown file that name a file in their first line.

/** A code block that names its file. */
export interface Snippet {
  /** The file named in the first line: `// main.ts`. */
  readonly file: string;
  readonly code: string;
  /** The expected output of its `console.log` calls, one line each, from the comments after them. */
  readonly prints: readonly string[];
}

/** Lists the TypeScript and JavaScript blocks that begin with the name of a file, in order. */
export function snippetsOf(markdown: string): Snippet[] {
  const blocks = markdown.matchAll(/^```(?:ts|js)\n\/\/ ([\w.-]+\.(?:ts|mjs|cjs))\n(.*?)^```$/gms);
  return [...blocks].map(([, file, code]) => ({ file: file!, code: code!, prints: printsOf(code!) }));
}

/** Lists the blocks that name no file, by their first lines: no test would run them. */
export function namelessBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```(?:ts|js)[^\n]*\n(.*)$/gm)].map(([, line]) => line!)
    .filter((line) => !/^\/\/ [\w.-]+\.(?:ts|mjs|cjs)$/.test(line));
}

function printsOf(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text!);
}
