// The worker file of jest-worker, which loads it with `require`.
const { add, echo, isPrime } = require("../work.ts");

module.exports = { add, echo, isPrime };
