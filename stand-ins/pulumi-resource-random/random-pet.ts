// RandomPet: adverbs, an adjective and a name. The words are our own few; the real plugin knows many more.

import { randomInt } from "node:crypto";

import type { RandomType } from "./random-provider";

const adverbs =
  "barely boldly calmly deeply early fairly firmly gently gladly neatly openly quietly".split(" ");
const adjectives =
  "able agile brave calm clever eager fair gentle happy keen kind lively loyal neat proud".split(
    " ",
  );
const names =
  "badger beaver crane dolphin falcon ferret heron ibex lynx marten otter raven stoat swift".split(
    " ",
  );

/** The type random:index/randomPet:RandomPet. */
export const randomPet: RandomType = {
  defaults: { length: 2, separator: "-" },
  drawn: ["id"],
  create: (inputs) => {
    const separator = textOf(inputs["separator"]);
    const prefix = textOf(inputs["prefix"]);
    const words = petWords(Number(inputs["length"]));
    const id = [...(prefix === "" ? [] : [prefix]), ...words].join(separator);
    return { id, outputs: { ...inputs, id } };
  },
};

/** One word is a name, two add an adjective, more add adverbs in front. */
function petWords(length: number): string[] {
  const kinds = [
    ...Array.from({ length: Math.max(0, length - 2) }, () => adverbs),
    adjectives,
    names,
  ];
  return kinds.slice(-Math.max(1, length)).map((words) => words[randomInt(words.length)] ?? "");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
