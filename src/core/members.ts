/**
 * Lists the members of a class.
 *
 * @module
 */

/** Returns the methods and getters of a prototype chain by name. Symbol keys are omitted. */
export function membersOf(prototype: object): Map<string, PropertyDescriptor> {
  const members = new Map<string, PropertyDescriptor>();
  for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (name !== "constructor" && !members.has(name)) members.set(name, member);
    }
  }
  return members;
}
