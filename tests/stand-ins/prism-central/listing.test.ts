import { listed } from "../../../stand-ins/prism-central/listing";
import type { Call } from "../../../stand-ins/prism-central/route";
import { Table } from "../../../stand-ins/prism-central/table";
import type { Json } from "../../support/prism-central";

interface Thing {
  name: string;
  color: string;
  size: string;
}

const table = new Table<Thing>("things", {
  name: ({ name }) => [name],
  color: ({ color }) => [color],
});
for (let n = 0; n < 10_000; n += 1)
  table.put(`id-${n}`, {
    name: `thing-${n}`,
    color: n % 2 ? "odd" : "even",
    size: n < 3 ? "small" : "big",
  });

/** The names on a page, how many there are in all, and how many rows were looked at. */
function asked(query: Record<string, string>): [string[], number, number] {
  let looks = 0;
  const view = (row: Thing) => {
    looks += 1;
    return row;
  };
  const reply = listed(table, { query } as unknown as Call, {
    view,
    filterable: ["name", "color", "size"],
  });
  const { data = [], metadata } = reply.body as Json;
  return [(data as Thing[]).map(({ name }) => name), Number(metadata.totalAvailableResults), looks];
}

test("a page looks at its own rows only", () => {
  const [names, total, looks] = asked({ $page: "100" });
  expect([names[0], names.length, total, looks]).toEqual(["thing-5000", 50, 10_000, 50]);
});

test("so does a page of a filter that an index answers", () => {
  const [names, total, looks] = asked({ $filter: "color eq 'odd'", $limit: "2", $page: "1" });
  expect([names, total, looks]).toEqual([["thing-5", "thing-7"], 5000, 3]);
});

test("of two indexes the narrower is taken", () => {
  const answer = asked({ $filter: "color eq 'odd' and name eq 'thing-7'" });
  expect(answer).toEqual([["thing-7"], 1, 2]);
});

test("without an index all are looked at", () => {
  const [names, total] = asked({ $filter: "size eq 'small' and not (name eq 'thing-1')" });
  expect([names, total]).toEqual([["thing-0", "thing-2"], 2]);
});

test("a changed row keeps its place where its property did not change", () => {
  table.put("id-5", { name: "thing-5", color: "odd", size: "huge" });
  const [names] = asked({ $filter: "color eq 'odd'", $limit: "4" });
  expect(names).toEqual(["thing-1", "thing-3", "thing-5", "thing-7"]);
});
