import {
  FilterError,
  matches,
  necessaryEqualities,
  parseFilter,
} from "../../../stand-ins/prism-central/filter";

const task = {
  name: "it's",
  status: "RUNNING",
  operation: "kImageDelete",
  progress: 40,
  isCancelable: false,
  cluster: { extId: "pe" },
  entitiesAffected: [{ extId: "one" }, { extId: "two" }],
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
  ["cluster/any(a:a/extId eq 'pe')", false],
  [
    "entitiesAffected/any(a:a/extId eq 'one') and (status eq Prism.Config.TaskStatus'RUNNING' or status eq Prism.Config.TaskStatus'QUEUED') and (operation eq 'kImageDelete')",
    true,
  ],
])("%s is %s", (text, expected) => {
  expect(matches(parseFilter(text), task)).toBe(expected);
});

test.each([
  ["name", "$filter has its end where eq or ne was expected."],
  ["name eq", "$filter ends where a value was expected."],
  ["name eq 'open", '$filter is not understood at " \'open".'],
  ["name gt 4", '$filter has "gt" where eq or ne was expected.'],
  ["name eq other", '$filter has "other" where a value was expected.'],
  ["(name eq 'x'", '$filter has its end where ")" was expected.'],
  ["name eq 'x' name", '"name" was not expected in $filter.'],
  ["startswith(name,'x')", "$filter is not understood at \",'x')\"."],
  ["name/all(a:a eq 'x')", '"name/all" is not a function that $filter knows here.'],
  ["name eq 'x' & y", '$filter is not understood at " & y".'],
  ["", "$filter has its end where a property was expected."],
])("%s is refused", (text, message) => {
  expect(() => parseFilter(text)).toThrow(new FilterError(message));
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
