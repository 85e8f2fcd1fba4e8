// The part of kubectl's JSONPath that annotations use: members, indices, `*` and equality filters.
// Ranges, slices, recursive descent and other filters are refused by name.

import { isPropertyMap, type PropertyValue } from "../../pulumi-plugin/values";
import { at } from "../kube-object";

type Step =
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "every" }
  | { readonly kind: "filter"; readonly path: readonly string[]; readonly value: string };

const grammar: readonly [RegExp, (match: RegExpExecArray) => Step][] = [
  [/^\.([\w/-]+(?:\\\.[\w/-]+)*)/, ([, name = ""]) => member(name.replaceAll("\\.", "."))],
  [/^(?:\.\*|\[\*\])/, () => ({ kind: "every" })],
  [/^\[(-?\d+)\]/, ([, index]) => ({ kind: "index", index: Number(index) })],
  [/^\[(["'])(.*?)\1\]/, ([, , name = ""]) => member(name)],
  [
    /^\[\?\(@((?:\.[\w-]+)+)\s*==\s*(["']?)(.*?)\2\)\]/,
    ([, path = "", , value = ""]) => ({ kind: "filter", path: path.slice(1).split("."), value }),
  ],
];

function member(name: string): Step {
  return { kind: "member", name };
}

/** The steps of an expression such as `{.status.conditions[?(@.type=="Ready")].status}`. */
export function parseJsonPath(text: string): Step[] {
  const inner = text.replace(/^\{\s*|\s*\}$/g, "").replace(/^\$/, "");
  const steps: Step[] = [];
  let rest = /^[.[]/.test(inner) ? inner : `.${inner}`;
  while (rest !== "") {
    const [step, length] = firstStep(rest) ?? [];
    if (!step || !length) {
      throw new Error(
        `The JSONPath ${text} is not done by this plugin: it stops at "${rest}". ` +
          "Use members, indices, * and [?(@.member==value)].",
      );
    }
    steps.push(step);
    rest = rest.slice(length);
  }
  return steps;
}

function firstStep(text: string): [Step, number] | undefined {
  for (const [pattern, make] of grammar) {
    const match = pattern.exec(text);
    if (match) return [make(match), match[0].length];
  }
  return undefined;
}

/** All values that the path leads to. */
export function evaluate(steps: readonly Step[], object: PropertyValue): PropertyValue[] {
  return steps.reduce<PropertyValue[]>(
    (values, step) => values.flatMap((value) => take(step, value)),
    [object],
  );
}

function take(step: Step, value: PropertyValue): PropertyValue[] {
  switch (step.kind) {
    case "member":
      return present(isPropertyMap(value) ? value[step.name] : undefined);
    case "index":
      return present(Array.isArray(value) ? value.at(step.index) : undefined);
    case "every":
      return itemsOf(value);
    case "filter":
      return itemsOf(value).filter((item) => textOf(at(item, ...step.path)) === step.value);
  }
}

function itemsOf(value: PropertyValue): PropertyValue[] {
  if (Array.isArray(value)) return value;
  return isPropertyMap(value) ? Object.values(value).flatMap(present) : [];
}

function present(value: PropertyValue | undefined): PropertyValue[] {
  return value === undefined || value === null ? [] : [value];
}

/** A value as people compare it: text as it is, everything else as JSON. */
export function textOf(value: PropertyValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
