/**
 * What a class defines.
 *
 * @module
 */

/** The methods and getters of a prototype and of those it inherits from, by name; those of symbols are left out. */
export function membersOf(prototype: object): Map<string, PropertyDescriptor> {
  const members = new Map<string, PropertyDescriptor>();
  for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (name !== "constructor" && !members.has(name)) members.set(name, member);
    }
  }
  return members;
}
