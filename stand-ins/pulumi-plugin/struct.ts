// Property maps in and out of protobuf's Struct.

import type { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { structFrom } from "./direct-struct";
import { mapFromWire, mapToWire, type PropertyMap } from "./values";

/** Puts a property map into a Struct. */
export function structOf(map: PropertyMap): Struct {
  return structFrom(mapToWire(map));
}

/** Takes a property map out of a Struct; no Struct is an empty map. */
export function mapOf(struct: Struct | undefined): PropertyMap {
  return mapFromWire(struct?.toJavaScript() ?? {});
}
