// v3's filters: FIQL as its clients write it, `name==node-1;image_type==DISK_IMAGE` (`;` is and, `,` is or), with `.*`
// at a value's ends for "anything". They become what v4's filters are, so that both find the same.
import type { Filter } from "./filter";
import { FilterError } from "./filter";

const TERM = /^([a-z_]+)(==|!=)(.+)$/;

/** Parses a v3 filter; throws FilterError for what it does not understand. Nothing and an empty text: all. */
export function parseV3Filter(text: string | undefined): Filter | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  return joined(
    "or",
    text.split(",").map((side) => joined("and", side.split(";").map(term))),
  );
}

function joined(kind: "and" | "or", [first, ...rest]: Filter[]): Filter {
  if (!first) throw new FilterError("The filter is empty.");
  return rest.reduce((left, right) => ({ kind, left, right }), first);
}

function term(text: string): Filter {
  const [, name = "", operator, value = ""] = TERM.exec(text.trim()) ?? [];
  if (operator === undefined) throw new FilterError(`The filter is not understood at "${text}".`);
  const inner = condition([name], value);
  return operator === "==" ? inner : { kind: "not", inner };
}

function condition(path: string[], value: string): Filter {
  const [start, end] = [value.startsWith(".*"), value.endsWith(".*")];
  const text = value.slice(start ? 2 : 0, end ? -2 : undefined);
  if (start && end) return { kind: "text", path, function: "contains", value: text };
  if (start) return { kind: "text", path, function: "endswith", value: text };
  if (end) return { kind: "text", path, function: "startswith", value: text };
  return { kind: "compare", path, operator: "eq", value: text };
}
