import { DEFAULT_BEHAVIOUR } from "../../../stand-ins/prism-central/behaviour";
import { listed } from "../../../stand-ins/prism-central/listing";
import type { Call } from "../../../stand-ins/prism-central/route";
import { Table } from "../../../stand-ins/prism-central/table";
import type { Json } from "../../support/prism-central";

interface Thing {
  name: string;
  color: string;
  size: string;
}

const table = new Table<Thing>(
  "things",
  { name: ({ name }) => [name], color: ({ color }) => [color] },
  { sorted: ["name"] },
);
for (let n = 0; n < 10_000; n += 1)
  table.put(`id-${n}`, {
    name: `thing-${n}`,
    color: n % 2 ? "odd" : "even",
    size: n < 3 ? "small" : "big",
  });

/** The names on a page, how many there are in all, and how often a row was looked at. */
function asked(query: Record<string, string>, within?: string): [string[], number, number] {
  let looks = 0;
  const seen = <T>(value: T): T => {
    looks += 1;
    return value;
  };
  const call = { query, behaviour: DEFAULT_BEHAVIOUR } as unknown as Call;
  const reply = listed(table, call, {
    view: seen,
    properties: {
      name: ({ name }) => seen(name),
      color: ({ color }) => seen(color),
      size: ({ size }) => seen(size),
    },
    ...(within === undefined ? {} : { within: { path: "color", value: within } }),
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
  expect([names, total, looks]).toEqual([["thing-5", "thing-7"], 5000, 2]);
});

test("of two indexes the narrower is taken", () => {
  const answer = asked({ $filter: "color eq 'odd' and name eq 'thing-7'" });
  expect(answer).toEqual([["thing-7"], 1, 3]);
});

test("a page in a kept order, and one of a prefix, look at their own rows only", () => {
  expect(asked({ $orderby: "name", $limit: "2" })).toEqual([["thing-0", "thing-1"], 10_000, 2]);
  expect(asked({ $orderby: "name desc", $limit: "2", $page: "1" })).toEqual([
    ["thing-9997", "thing-9996"],
    10_000,
    2,
  ]);
  const prefix = { $filter: "startswith(name,'thing-99')", $limit: "2", $page: "1" };
  expect(asked(prefix)).toEqual([["thing-9900", "thing-9901"], 111, 2]);
  expect(asked({ ...prefix, $orderby: "name desc" })).toEqual([
    ["thing-9997", "thing-9996"],
    111,
    2,
  ]);
});

test("an order without an index, by two properties", () => {
  const [names] = asked({ $orderby: "size desc,name desc", $limit: "4" });
  expect(names).toEqual(["thing-2", "thing-1", "thing-0", "thing-9999"]);
});

test("a list of a part of the table, with a filter and an order of its own", () => {
  const [names, total] = asked({ $limit: "2" }, "odd");
  expect([names, total]).toEqual([["thing-1", "thing-3"], 5000]);
  expect(asked({ $filter: "name eq 'thing-4'" }, "odd").slice(0, 2)).toEqual([[], 0]);
  expect(asked({ $filter: "name eq 'thing-5'" }, "odd").slice(0, 2)).toEqual([["thing-5"], 1]);
  const last = asked({ $orderby: "name desc", $limit: "1" }, "odd");
  expect(last.slice(0, 2)).toEqual([["thing-9999"], 5000]);
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
