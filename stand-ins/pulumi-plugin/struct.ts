// Property maps in and out of protobuf's Struct.

import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { mapFromWire, mapToWire, type PropertyMap } from "./values";

/** Puts a property map into a Struct. */
export function structOf(map: PropertyMap): Struct {
  return Struct.fromJavaScript(mapToWire(map));
}

/** Takes a property map out of a Struct; no Struct is an empty map. */
export function mapOf(struct: Struct | undefined): PropertyMap {
  return mapFromWire(struct?.toJavaScript() ?? {});
}
