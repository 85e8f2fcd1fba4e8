import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { CheckRequest } from "@pulumi/pulumi/proto/provider_pb";
import { structFrom } from "../../stand-ins/pulumi-plugin/direct-struct";
import type { WireObject } from "../../stand-ins/pulumi-plugin/values";

/** Its keys in order, since google-protobuf writes them so. */
const sample: WireObject = {
  "": "no name",
  deep: { list: [[], {}, { inner: [null, { a: "b" }] }], none: {} },
  empty: "",
  flags: [true, false],
  nothing: null,
  numbers: [0, -1.5, 2 ** 40],
  text: "ümlaut",
};

test("its bytes are those of google-protobuf's own messages, and are read back", () => {
  const theirs = Struct.fromJavaScript(sample).serializeBinary();
  expect(Buffer.from(structFrom(sample).serializeBinary())).toEqual(Buffer.from(theirs));
  expect(Struct.deserializeBinary(theirs).toJavaScript()).toEqual(sample);
});

test("inside of other messages, and with fields nobody knows", () => {
  const request = new CheckRequest().setUrn("urn").setNews(structFrom(sample));
  const unknown = Buffer.from([0x9a, 0x06, 0x01, 0x61]); // field 99: "a"
  const read = CheckRequest.deserializeBinary(Buffer.concat([request.serializeBinary(), unknown]));
  expect([read.getUrn(), read.getNews()?.toJavaScript()]).toEqual(["urn", sample]);
});

test("forty levels deep", () => {
  let deep: WireObject = { leaf: "x" };
  for (let level = 0; level < 40; level++) deep = { a: deep, b: [level, "text"] };
  const bytes = structFrom(deep).serializeBinary();
  expect(Struct.deserializeBinary(bytes).toJavaScript()).toEqual(deep);
});
