// Defines assertions on types. They are never run: `deno check` reads them with the sources, and
// scripts/checks/user_types.ts with the declarations for users of Bun and Node, with and without the types of the DOM.

/** Whether two types are identical, not only assignable to each other. */
export type Equal<X, Y> = (<T>() => T extends X ? 1 : 2) extends (<T>() => T extends Y ? 1 : 2) ? true : false;

/** Does not compile unless its argument is `true`. */
export type Expect<T extends true> = T;
