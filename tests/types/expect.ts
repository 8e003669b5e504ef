// What tests of types are made of. They run nowhere: `deno check` reads them with the sources, and scripts/checks/user_types.ts
// with the declarations that users of Bun and Node get, with and without the types of the DOM.

/** Whether two types are the same, and not just assignable to each other. */
export type Equal<X, Y> = (<T>() => T extends X ? 1 : 2) extends (<T>() => T extends Y ? 1 : 2) ? true : false;

/** Does not compile unless its argument is `true`. */
export type Expect<T extends true> = T;
