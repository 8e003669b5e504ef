// The code blocks of a Markdown file, as the files that their first lines name.

/** A block of code that names its file. */
export interface Snippet {
  /** The file that the first line names: `// main.ts`. */
  readonly file: string;
  readonly code: string;
  /** What its calls of `console.log` print, one line each, by the comments behind them. */
  readonly prints: readonly string[];
}

/** Lists the TypeScript and JavaScript blocks of a text that begin with the name of a file, in order. */
export function snippetsOf(markdown: string): Snippet[] {
  const blocks = markdown.matchAll(/^```(?:ts|js)\n\/\/ ([\w.-]+\.(?:ts|mjs|cjs))\n(.*?)^```$/gms);
  return [...blocks].map(([, file, code]) => ({ file: file!, code: code!, prints: printsOf(code!) }));
}

/** Lists the TypeScript blocks that name no file, by their first lines: nothing would run them. */
export function namelessBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```(?:ts|js)[^\n]*\n(.*)$/gm)].map(([, line]) => line!)
    .filter((line) => !/^\/\/ [\w.-]+\.(?:ts|mjs|cjs)$/.test(line));
}

function printsOf(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text!);
}
