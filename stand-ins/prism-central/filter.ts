// OData $filter as Nutanix documents it: eq ne gt ge lt le in, and or not, parentheses, startswith endswith
// contains, the lambdas any and all; strings with '' as escape, typed enum literals, numbers, booleans, null, times.
// The parser is of our own: see docs/decisions/0010-odata-filter.md.

export type Literal = string | number | boolean | null;
export type Comparison = "eq" | "ne" | "gt" | "ge" | "lt" | "le";
export type TextFunction = "startswith" | "endswith" | "contains";

export type Filter =
  | { kind: "compare"; path: string[]; operator: Comparison; value: Literal }
  | { kind: "in"; path: string[]; values: Literal[] }
  | { kind: "text"; path: string[]; function: TextFunction; value: string }
  | { kind: "and" | "or"; left: Filter; right: Filter }
  | { kind: "not"; inner: Filter }
  | { kind: "any" | "all"; path: string[]; variable: string; inner: Filter };

/** What is wrong with a filter, to be answered as 400. */
export class FilterError extends Error {}

const TOKEN =
  /\s*(?:([():,])|((?:[A-Za-z_][\w.]*)?'(?:[^']|'')*')|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|([A-Za-z_][\w.]*(?:\/[A-Za-z_]\w*)*)|(-?\d+(?:\.\d+)?))/y;
const PROPERTY = /^[A-Za-z_][\w/]*$/;
const WORDS: Record<string, Literal> = { true: true, false: false, null: null };
const COMPARISONS: readonly string[] = ["eq", "ne", "gt", "ge", "lt", "le"];
const TEXT_FUNCTIONS: readonly string[] = ["startswith", "endswith", "contains"];

/** Parses a filter; throws FilterError naming the first thing it does not understand. */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  const filter = disjunction(tokens);
  const rest = tokens.shift();
  if (rest !== undefined) throw new FilterError(`"${rest}" was not expected in $filter.`);
  return filter;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new FilterError(`$filter is not understood at "${text.slice(at, at + 20)}".`);
    tokens.push(match[0].trimStart());
  }
  return tokens;
}

function disjunction(tokens: string[]): Filter {
  let left = conjunction(tokens);
  while (tokens[0] === "or") {
    tokens.shift();
    left = { kind: "or", left, right: conjunction(tokens) };
  }
  return left;
}

function conjunction(tokens: string[]): Filter {
  let left = term(tokens);
  while (tokens[0] === "and") {
    tokens.shift();
    left = { kind: "and", left, right: term(tokens) };
  }
  return left;
}

function term(tokens: string[]): Filter {
  const token = tokens.shift();
  if (token === "not") return { kind: "not", inner: term(tokens) };
  if (token === "(") {
    const inner = disjunction(tokens);
    expect(tokens, ")");
    return inner;
  }
  if (token === undefined || !PROPERTY.test(token))
    throw new FilterError(`$filter has ${quoted(token)} where a property was expected.`);
  if (tokens[0] !== "(") return comparison(token, tokens);
  return TEXT_FUNCTIONS.includes(token) ? textFunction(token, tokens) : lambda(token, tokens);
}

function textFunction(name: string, tokens: string[]): Filter {
  expect(tokens, "(");
  const property = tokens.shift() ?? "";
  if (!PROPERTY.test(property))
    throw new FilterError(`$filter has ${quoted(property)} where a property was expected.`);
  expect(tokens, ",");
  const value = literal(tokens.shift());
  if (typeof value !== "string") throw new FilterError(`${name} in $filter takes a string.`);
  expect(tokens, ")");
  return { kind: "text", path: property.split("/"), function: name as TextFunction, value };
}

function lambda(name: string, tokens: string[]): Filter {
  const path = name.split("/");
  const kind = path.pop();
  if ((kind !== "any" && kind !== "all") || path.length === 0)
    throw new FilterError(`${quoted(name)} is not a function that $filter knows here.`);
  expect(tokens, "(");
  const variable = tokens.shift() ?? "";
  expect(tokens, ":");
  const inner = disjunction(tokens);
  expect(tokens, ")");
  return { kind, path, variable, inner };
}

function comparison(name: string, tokens: string[]): Filter {
  const operator = tokens.shift();
  const path = name.split("/");
  if (operator === "in") return { kind: "in", path, values: literals(tokens) };
  if (operator === undefined || !COMPARISONS.includes(operator))
    throw new FilterError(
      `$filter has ${quoted(operator)} where ${COMPARISONS.join(", ")} or in was expected.`,
    );
  return {
    kind: "compare",
    path,
    operator: operator as Comparison,
    value: literal(tokens.shift()),
  };
}

function literals(tokens: string[]): Literal[] {
  expect(tokens, "(");
  const values = [literal(tokens.shift())];
  while (tokens[0] === ",") {
    tokens.shift();
    values.push(literal(tokens.shift()));
  }
  expect(tokens, ")");
  return values;
}

function literal(token: string | undefined): Literal {
  if (token === undefined) throw new FilterError("$filter ends where a value was expected.");
  if (token.endsWith("'")) return token.slice(token.indexOf("'") + 1, -1).replaceAll("''", "'");
  const word = WORDS[token];
  if (word !== undefined) return word;
  // Rows keep times as text of this one shape, so that text order is time order.
  if (/^\d{4}-\d\d-\d\dT/.test(token)) return timeOf(token);
  if (/^-?\d/.test(token)) return Number(token);
  throw new FilterError(`$filter has ${quoted(token)} where a value was expected.`);
}

function timeOf(token: string): string {
  const time = new Date(token);
  if (Number.isNaN(time.getTime())) throw new FilterError(`"${token}" in $filter is no time.`);
  return time.toISOString();
}

function expect(tokens: string[], wanted: string): void {
  const token = tokens.shift();
  if (token !== wanted)
    throw new FilterError(`$filter has ${quoted(token)} where "${wanted}" was expected.`);
}

function quoted(token: string | undefined): string {
  return token === undefined ? "its end" : `"${token}"`;
}
