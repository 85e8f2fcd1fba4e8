// A provider's process ends when nobody reads it any more.
import { PassThrough } from "node:stream";
import { endWithEngine } from "../../providers/engine-gone";

test("a closed stream ends the process, once, however often that was asked for", () => {
  const stream = new PassThrough();
  const ends: string[] = [];
  endWithEngine(stream, () => void ends.push("first"));
  endWithEngine(stream, () => void ends.push("second"));
  stream.emit("error", new Error("write EPIPE"));
  expect(ends).toEqual(["first"]);
});
