// Container images that Kubernetes objects name, and where a registry of one's own has them.

import * as pulumi from "@pulumi/pulumi";

/** Prefix of upstream's name -> prefix of the mirror's: `registry.k8s.io` -> `harbor.lab.example/k8s`. */
export type Mirrors = Record<string, string>;

const LISTS = new Set(["containers", "initContainers", "ephemeralContainers"]);

/** Managers that start pods themselves are told the image by a flag such as --acme-http01-solver-image. */
const FLAG = /^(--[a-z0-9-]*image=)(.+)$/;

/**
 * The name with its longest known prefix exchanged; whole parts only, so that `ghcr.io` is none of `ghcr.io.example`.
 * A name without a registry is docker.io's.
 */
export function mirrored(name: string, mirrors: Mirrors): string {
  for (const known of [name, dockerHub(name)]) {
    const [prefix] = Object.keys(mirrors)
      .filter((key) => known === key || known.startsWith(`${key}/`))
      .sort((one, other) => other.length - one.length);
    if (prefix !== undefined) return `${mirrors[prefix] ?? prefix}${known.slice(prefix.length)}`;
  }
  return name;
}

/** `docker.io/library/busybox` of `busybox`. A first part with a dot or a port is a registry. */
function dockerHub(name: string): string {
  const [first = "", ...rest] = name.split("/");
  if (rest.length === 0) return `docker.io/library/${name}`;
  return /[.:]/.test(first) ? name : `docker.io/${name}`;
}

/** The images of all pods that an object describes, in the order of the object. */
export function imagesOf(object: unknown): string[] {
  const found: string[] = [];
  mapImages(object, (image) => {
    found.push(image);
    return image;
  });
  return found;
}

/** The object with every image taken from its mirror. */
export function withMirrors<T>(object: T, mirrors: Mirrors): T {
  return mapImages(object, (image) => mirrored(image, mirrors)) as T;
}

function mapImages(value: unknown, change: (image: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapImages(item, change));
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const list = LISTS.has(key) && Array.isArray(item);
    return [key, list ? item.map((each) => container(each, change)) : mapImages(item, change)];
  });
  return Object.fromEntries(entries) as unknown;
}

function container(value: unknown, change: (image: string) => string): unknown {
  if (!isPlain(value)) return value;
  const { image, args } = value;
  const flag = (arg: unknown) =>
    typeof arg === "string"
      ? arg.replace(FLAG, (_, name: string, found: string) => name + change(found))
      : arg;
  return {
    ...value,
    ...(typeof image === "string" ? { image: change(image) } : {}),
    ...(Array.isArray(args) ? { args: args.map(flag) } : {}),
  };
}

/** A group of fields; Pulumi's outputs are left as they are. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !pulumi.Output.isInstance(value);
}
