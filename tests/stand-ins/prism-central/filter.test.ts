import { FilterError, parseFilter } from "../../../stand-ins/prism-central/filter";
import type { Properties } from "../../../stand-ins/prism-central/filter-match";
import {
  checkProperties,
  matches,
  necessaryEqualities,
} from "../../../stand-ins/prism-central/filter-match";

interface Task {
  name: string;
  status: string;
  operation: string;
  progress: number;
  isCancelable: boolean;
  completedTime?: string;
  createdTime: string;
  cluster: { extId: string };
  entitiesAffected: { extId: string; rel: string }[];
  tags: string[];
}

const task: Task = {
  name: "it's",
  status: "RUNNING",
  operation: "kImageDelete",
  progress: 40,
  isCancelable: false,
  createdTime: "2026-01-01T10:00:00.000Z",
  cluster: { extId: "pe" },
  entitiesAffected: [
    { extId: "one", rel: "vm" },
    { extId: "two", rel: "disk" },
  ],
  tags: ["a", "b"],
};

const properties: Properties<Task> = {
  name: (row) => row.name,
  status: (row) => row.status,
  operation: (row) => row.operation,
  progress: (row) => row.progress,
  isCancelable: (row) => row.isCancelable,
  completedTime: (row) => row.completedTime,
  createdTime: (row) => row.createdTime,
  "cluster/extId": (row) => row.cluster.extId,
  entitiesAffected: { itemsOf: (row) => row.entitiesAffected, properties: ["extId", "rel"] },
  tags: { itemsOf: (row) => row.tags, properties: [] },
};

test.each([
  ["name eq 'it''s'", true],
  ["name eq 'its'", false],
  ["name ne 'its'", true],
  ["cluster/extId eq 'pe'", true],
  ["progress eq 40", true],
  ["isCancelable eq false", true],
  ["completedTime eq null", true],
  ["status eq Prism.Config.TaskStatus'RUNNING'", true],
  ["status eq Prism.Config.TaskStatus'QUEUED'", false],
  ["not status eq 'QUEUED'", true],
  ["status eq 'QUEUED' and name eq 'x' or progress eq 40", true],
  ["status eq 'QUEUED' and (name eq 'x' or progress eq 40)", false],
  ["entitiesAffected/any(a:a/extId eq 'two')", true],
  ["entitiesAffected/any(a:a/extId eq 'three')", false],
  ["entitiesAffected/any(a:a/extId eq 'one' and a/rel eq 'disk')", false],
  ["entitiesAffected/all(a:a/extId in ('one','two'))", true],
  ["entitiesAffected/all(a:a/rel eq 'vm')", false],
  ["tags/any(t:t eq 'b')", true],
  ["tags/any(t:startswith(t,'c'))", false],
  ["name in ('x', 'it''s')", true],
  ["name in ('x')", false],
  ["startswith(name,'it')", true],
  ["endswith(name, '''s')", true],
  ["contains(name,'x')", false],
  ["progress gt 39 and progress lt 41", true],
  ["progress ge 41 or progress le 39", false],
  ["progress gt 'a'", false],
  ["completedTime lt 2027-01-01T00:00:00Z", false],
  ["createdTime ge 2026-01-01T12:00:00+02:00", true],
  ["createdTime lt 2026-01-01T10:00:00Z", false],
  [
    "entitiesAffected/any(a:a/extId eq 'one') and (status eq Prism.Config.TaskStatus'RUNNING' or status eq Prism.Config.TaskStatus'QUEUED') and (operation eq 'kImageDelete')",
    true,
  ],
])("%s is %s", (text, expected) => {
  const filter = parseFilter(text);
  checkProperties(filter, properties);
  expect(matches(filter, task, properties)).toBe(expected);
});

test.each([
  ["name", "$filter has its end where eq, ne, gt, ge, lt, le or in was expected."],
  ["name eq", "$filter ends where a value was expected."],
  ["name eq 'open", '$filter is not understood at " \'open".'],
  ["name like 4", '$filter has "like" where eq, ne, gt, ge, lt, le or in was expected.'],
  ["name in 4", '$filter has "4" where "(" was expected.'],
  ["startswith(name,4)", "startswith in $filter takes a string."],
  ["created lt 2026-99-99T00:00:00Z", '"2026-99-99T00:00:00Z" in $filter is no time.'],
  ["name eq other", '$filter has "other" where a value was expected.'],
  ["(name eq 'x'", '$filter has its end where ")" was expected.'],
  ["name eq 'x' name", '"name" was not expected in $filter.'],
  ["name/some(a:a eq 'x')", '"name/some" is not a function that $filter knows here.'],
  ["name eq 'x' & y", '$filter is not understood at " & y".'],
  ["", "$filter has its end where a property was expected."],
])("%s is refused", (text, message) => {
  expect(() => parseFilter(text)).toThrow(new FilterError(message));
});

test.each([
  ["color eq 'x'", "color"],
  ["entitiesAffected eq 'x'", "entitiesAffected"],
  ["cluster/any(a:a/extId eq 'pe')", "cluster/extId"],
  ["entitiesAffected/any(a:a/name eq 'x')", "entitiesAffected/name"],
  ["tags/any(t:t/x eq 'x')", "tags/x"],
])("%s uses what cannot be used", (text, path) => {
  expect(() => checkProperties(parseFilter(text), properties)).toThrow(
    new FilterError(
      `$filter cannot use ${path}; it can use name, status, operation, progress, isCancelable, completedTime, createdTime, cluster/extId, entitiesAffected/extId, entitiesAffected/rel, tags.`,
    ),
  );
});

test("necessary equalities are those that an index may use", () => {
  const filter = parseFilter(
    "entitiesAffected/any(a:a/extId eq 'one') and (status eq 'x' or status eq 'y') and name eq 'n'",
  );
  expect(necessaryEqualities(filter)).toEqual([
    { path: "entitiesAffected/extId", value: "one" },
    { path: "name", value: "n" },
  ]);
});
