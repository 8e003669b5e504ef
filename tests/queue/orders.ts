// Lists items that have an order, and items that have none.

/** Items in ascending order. */
export const ORDERED: Record<string, unknown[]> = {
  "numbers": [-Infinity, -1.5, -1, 0, 0.5, 2, 10, 1e300, Infinity],
  "bigints among numbers": [-3n, -2.5, 0n, 1, 2n, 2.5, 10n ** 30n, Infinity],
  "strings, by their code units": ["", "10", "9", "B", "a", "aa", "b", "ä"],
  "tuples, item by item": [[], [0, "z"], [1], [1, "a"], [1, "a", 0], [1, "b"], [2, ""]],
  "tuples of tuples": [[[0, 9], 5], [[1, 1], 4], [[1, 2], 3], [[1, 2], 4]],
  "tuples whose priorities differ, whatever follows": [[1, { any: 1 }], [2, undefined], [3, "text"], [4, () => {}]],
};

/** A name, the items in the queue, and an item that has no order with them. */
export const REFUSED: [string, unknown[], unknown][] = [
  ["NaN", [], NaN],
  ["an object", [], { priority: 1 }],
  ["a date", [], new Date(0)],
  ["a function", [], () => 1],
  ["a symbol", [], Symbol()],
  ["undefined", [], undefined],
  ["null", [], null],
  ["a boolean", [], true],
  ["a string among numbers", [1, 2], "1"],
  ["a number among strings", ["1"], 1],
  ["a tuple among numbers", [1], [1]],
  ["a number among tuples", [[1]], 1],
  ["a tuple that begins with an object", [], [{}, 1]],
  ["a tuple that begins with NaN", [], [NaN, 1]],
  ["a tuple with NaN", [], [1, NaN]],
  ["a tuple that differs in an object only", [[1, { a: 1 }]], [1, { a: 1 }]],
  ["a tuple with a string where there is a number", [[1, 2]], [1, "2"]],
  ["a tuple like one far down in the queue", Array.from({ length: 500 }, (_, i) => [i, {}]), [321, {}]],
];
