// Structs between bytes and plain JavaScript directly. google-protobuf builds a message for every value, and goes
// through all below it again at each level: for the schemas of CRDs that was most of a preview's time.

import type { BinaryReader, BinaryWriter } from "google-protobuf";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import type { WireObject, WireValue } from "./values";

type Direct = Struct & { plain?: WireObject };

/** A Struct that is written from a plain object. */
export function structFrom(plain: WireObject): Struct {
  return Object.assign(new Struct(), { plain });
}

// Where generated code meets a Struct inside of a message, it calls these.
const { toJavaScript: fromMessages } = Struct.prototype as {
  toJavaScript: (this: Struct) => object;
};
Struct.prototype.toJavaScript = function (this: Direct) {
  return this.plain ?? (fromMessages.call(this) as WireObject);
};
const writeMessages = Struct.serializeBinaryToWriter.bind(Struct);
Struct.serializeBinaryToWriter = (struct: Direct, writer) => {
  if (struct.plain) writeObject(struct.plain, writer);
  else writeMessages(struct, writer);
};
Struct.deserializeBinaryFromReader = (struct: Direct, reader) => {
  struct.plain = { ...struct.plain, ...readObject(reader) };
  return struct;
};

function writeObject(object: WireObject, writer: BinaryWriter): void {
  for (const entry of Object.entries(object)) writer.writeMessage(1, entry, writeEntry);
}

function writeEntry([key, value]: [string, WireValue], writer: BinaryWriter): void {
  writer.writeString(1, key);
  writer.writeMessage(2, { value }, writeValue);
}

function writeValue({ value }: { value: WireValue }, writer: BinaryWriter): void {
  if (value === null) writer.writeEnum(1, 0);
  else if (typeof value === "number") writer.writeDouble(2, value);
  else if (typeof value === "string") writer.writeString(3, value);
  else if (typeof value === "boolean") writer.writeBool(4, value);
  else if (Array.isArray(value)) writer.writeMessage(6, value, writeList);
  else writer.writeMessage(5, value, writeObject);
}

function writeList(list: WireValue[], writer: BinaryWriter): void {
  for (const value of list) writer.writeMessage(1, { value }, writeValue);
}

/** Calls `take` for each field of the message that the reader is in. */
function eachField(reader: BinaryReader, take: (field: number) => void): void {
  while (reader.nextField() && !reader.isEndGroup()) take(reader.getFieldNumber());
}

/** Reads the message that the reader stands before. */
function inner<T>(reader: BinaryReader, read: (reader: BinaryReader) => T): T {
  const box: { value?: T } = {};
  reader.readMessage(box, () => (box.value = read(reader)));
  return box.value as T;
}

function readObject(reader: BinaryReader): WireObject {
  const entries: [string, WireValue][] = [];
  eachField(reader, () => entries.push(inner(reader, readEntry)));
  return Object.fromEntries(entries);
}

function readEntry(reader: BinaryReader): [string, WireValue] {
  let entry: [string, WireValue] = ["", null];
  eachField(reader, (field) => {
    entry = field === 1 ? [reader.readString(), entry[1]] : [entry[0], inner(reader, readValue)];
  });
  return entry;
}

const readers: Record<number, (reader: BinaryReader) => WireValue> = {
  1: (reader) => {
    reader.readEnum();
    return null;
  },
  2: (reader) => reader.readDouble(),
  3: (reader) => reader.readString(),
  4: (reader) => reader.readBool(),
  5: (reader) => inner(reader, readObject),
  6: (reader) => inner(reader, readList),
};

function readValue(reader: BinaryReader): WireValue {
  let value: WireValue = null;
  eachField(reader, (field) => {
    const read = readers[field];
    if (read) value = read(reader);
    else reader.skipField();
  });
  return value;
}

function readList(reader: BinaryReader): WireValue[] {
  const list: WireValue[] = [];
  eachField(reader, () => list.push(inner(reader, readValue)));
  return list;
}
