// Implements a JSR registry on loopback: the versions of a package, the manifest of a version, and its files.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PACKAGE, publishedFiles, publishedText } from "../../scripts/runner/npm_layout.ts";
import { ROOT } from "../../scripts/runner/root.ts";

interface Published {
  name: string;
  version: string;
  exports: Record<string, string>;
  /** Contents by path, which begins with a slash. */
  files: Map<string, string>;
}

/** A running registry. */
export interface Registry {
  /** The URL of the registry, for `JSR_URL`. */
  url: string;
  /** The requested paths, in order. */
  requests: string[];
  close(): Promise<void>;
}

/** Starts a registry with this package and stand-ins for its dependencies. */
export async function startRegistry(): Promise<Registry> {
  const packages = [thisPackage(), standIn("assert"), standIn("async")];
  const answers = new Map<string, string>();
  for (const { name, version, exports, files } of packages) {
    answers.set(`/${name}/meta.json`, JSON.stringify(metaOf(name, version)));
    answers.set(`/${name}/${version}_meta.json`, JSON.stringify({ manifest: manifestOf(files), exports }));
    for (const [path, text] of files) answers.set(`/${name}/${version}${path}`, text);
  }
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    requests.push(path);
    const answer = answers.get(path);
    const type = path.endsWith(".json") ? "application/json" : "text/typescript";
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": type });
    response.end(answer ?? "not found");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function thisPackage(): Published {
  const { name, version, exports } = PACKAGE;
  return { name, version, exports, files: new Map(publishedFiles().map((path) => [`/${path}`, publishedText(path)])) };
}

function standIn(folder: string): Published {
  const path = join(ROOT, "scripts", "offline", folder);
  const { name, version, exports } = JSON.parse(readFileSync(join(path, "deno.json"), "utf8"));
  const files = readdirSync(path).map((file): [string, string] => [`/${file}`, readFileSync(join(path, file), "utf8")]);
  return { name, version, exports: { ".": exports }, files: new Map(files) };
}

function metaOf(scopedName: string, version: string): unknown {
  const [scope, name] = scopedName.slice(1).split("/");
  return { scope, name, latest: version, versions: { [version]: {} } };
}

function manifestOf(files: Map<string, string>): Record<string, { size: number; checksum: string }> {
  return Object.fromEntries(
    [...files].map(([path, text]) => {
      const checksum = `sha256-${createHash("sha256").update(text).digest("hex")}`;
      return [path, { size: Buffer.byteLength(text), checksum }];
    }),
  );
}
