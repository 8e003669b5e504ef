// Packages that are compared with where they are installed.

/** Loads a package; says so and returns undefined if it is not installed. */
export async function optionalPeer<T>(name: string): Promise<T | undefined> {
  try {
    return await import(name) as T;
  } catch {
    console.log(`Left out, as it is not installed: ${name}`);
    return undefined;
  }
}
