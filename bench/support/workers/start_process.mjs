// A bare process: one answer, and it ends as nothing is left to do.
import process from "node:process";

const [a, b] = process.argv.slice(2).map(Number);
console.log(a + b);
