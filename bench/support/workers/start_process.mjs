// A bare process: gives one answer and ends.
import process from "node:process";

const [a, b] = process.argv.slice(2).map(Number);
console.log(a + b);
