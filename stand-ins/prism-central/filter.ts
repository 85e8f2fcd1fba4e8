// OData $filter, the part that Nutanix clients use: eq, ne, and, or, not, parentheses, strings with '' as escape,
// typed enum literals, numbers, booleans, and the lambda any. Of our own since npm's parsers do not fit: one takes
// a typed enum literal for a property name, another answers with a tree longer to read than this parser.

export type Literal = string | number | boolean | null;

export type Filter =
  | { kind: "compare"; path: string[]; operator: "eq" | "ne"; value: Literal }
  | { kind: "and" | "or"; left: Filter; right: Filter }
  | { kind: "not"; inner: Filter }
  | { kind: "any"; path: string[]; variable: string; inner: Filter };

/** What is wrong with a filter, to be answered as 400. */
export class FilterError extends Error {}

const TOKEN =
  /\s*(?:([():])|((?:[A-Za-z_][\w.]*)?'(?:[^']|'')*')|([A-Za-z_][\w.]*(?:\/[A-Za-z_]\w*)*)|(-?\d+(?:\.\d+)?))/y;
const WORDS: Record<string, Literal> = { true: true, false: false, null: null };

/** Parses a filter; throws FilterError naming the first thing it does not understand. */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  const filter = disjunction(tokens);
  const rest = tokens.shift();
  if (rest !== undefined) throw new FilterError(`"${rest}" was not expected in $filter.`);
  return filter;
}

/** Whether a value (an entity as the API shows it) passes the filter. */
export function matches(
  filter: Filter,
  entity: unknown,
  variables: Record<string, unknown> = {},
): boolean {
  switch (filter.kind) {
    case "and":
      return matches(filter.left, entity, variables) && matches(filter.right, entity, variables);
    case "or":
      return matches(filter.left, entity, variables) || matches(filter.right, entity, variables);
    case "not":
      return !matches(filter.inner, entity, variables);
    case "any":
      return itemsAt(filter.path, entity, variables).some((item) =>
        matches(filter.inner, entity, { ...variables, [filter.variable]: item }),
      );
    case "compare":
      return (
        ((valueAt(filter.path, entity, variables) ?? null) === filter.value) ===
        (filter.operator === "eq")
      );
  }
}

/** The properties that a filter speaks of, a lambda's as `collection/property`. */
export function propertiesOf(filter: Filter, variables: Record<string, string> = {}): string[] {
  if (filter.kind === "compare") return [spelled(filter.path, variables)];
  if (filter.kind === "not") return propertiesOf(filter.inner, variables);
  if (filter.kind === "any") {
    const collection = spelled(filter.path, variables);
    return propertiesOf(filter.inner, { ...variables, [filter.variable]: collection });
  }
  return [...propertiesOf(filter.left, variables), ...propertiesOf(filter.right, variables)];
}

/** Equalities that every match must meet, so that an index can narrow the search. */
export function necessaryEqualities(
  filter: Filter,
  variables: Record<string, string> = {},
): { path: string; value: Literal }[] {
  if (filter.kind === "compare" && filter.operator === "eq")
    return [{ path: spelled(filter.path, variables), value: filter.value }];
  if (filter.kind === "and")
    return [filter.left, filter.right].flatMap((side) => necessaryEqualities(side, variables));
  if (filter.kind === "any") {
    const collection = spelled(filter.path, variables);
    return necessaryEqualities(filter.inner, { ...variables, [filter.variable]: collection });
  }
  return [];
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
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
  if (token === undefined || !/^[A-Za-z_][\w/]*$/.test(token))
    throw new FilterError(`$filter has ${quoted(token)} where a property was expected.`);
  return tokens[0] === "(" ? lambda(token, tokens) : comparison(token, tokens);
}

function lambda(name: string, tokens: string[]): Filter {
  const path = name.split("/");
  if (path.pop() !== "any" || path.length === 0)
    throw new FilterError(`${quoted(name)} is not a function that $filter knows here.`);
  expect(tokens, "(");
  const variable = tokens.shift() ?? "";
  expect(tokens, ":");
  const inner = disjunction(tokens);
  expect(tokens, ")");
  return { kind: "any", path, variable, inner };
}

function comparison(name: string, tokens: string[]): Filter {
  const operator = tokens.shift();
  if (operator !== "eq" && operator !== "ne")
    throw new FilterError(`$filter has ${quoted(operator)} where eq or ne was expected.`);
  return { kind: "compare", path: name.split("/"), operator, value: literal(tokens.shift()) };
}

function literal(token: string | undefined): Literal {
  if (token === undefined) throw new FilterError("$filter ends where a value was expected.");
  if (token.endsWith("'")) return token.slice(token.indexOf("'") + 1, -1).replaceAll("''", "'");
  const word = WORDS[token];
  if (word !== undefined) return word;
  if (/^-?\d/.test(token)) return Number(token);
  throw new FilterError(`$filter has ${quoted(token)} where a value was expected.`);
}

function expect(tokens: string[], wanted: string): void {
  const token = tokens.shift();
  if (token !== wanted)
    throw new FilterError(`$filter has ${quoted(token)} where "${wanted}" was expected.`);
}

function quoted(token: string | undefined): string {
  return token === undefined ? "its end" : `"${token}"`;
}

function itemsAt(path: string[], entity: unknown, variables: Record<string, unknown>): unknown[] {
  const items = valueAt(path, entity, variables);
  return Array.isArray(items) ? (items as unknown[]) : [];
}

function valueAt(path: string[], entity: unknown, variables: Record<string, unknown>): unknown {
  const [first = "", ...rest] = path;
  const [start, steps] = first in variables ? [variables[first], rest] : [entity, path];
  return steps.reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | null | undefined)?.[step],
    start,
  );
}

function spelled(path: string[], variables: Record<string, string>): string {
  const [first = "", ...rest] = path;
  return [variables[first] ?? first, ...rest].join("/");
}
