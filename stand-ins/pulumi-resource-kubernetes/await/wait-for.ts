// The annotation pulumi.com/waitFor: `condition=Type[=Status]`, `jsonpath={path}[=value]`, or a JSON list of them.

import { conditionOf, generationOf, type KubeObject, numberAt, textAt } from "../kube-object";
import { evaluate, parseJsonPath, textOf } from "./json-path";
import { notYet, ready, type Rule, type Verdict } from "./verdict";

type Expression = (live: KubeObject) => Verdict;

/** The rule that the annotation describes; a malformed one is refused before anything is waited for. */
export function waitForRule(annotation: string): Rule {
  const expressions = listOf(annotation).map(parseExpression);
  if (expressions.length === 0) {
    throw new Error("pulumi.com/waitFor is empty: at least one condition must be specified");
  }
  return (live) => {
    const verdicts = expressions.map((expression) => expression(live));
    return verdicts.find((verdict) => !verdict.ready) ?? ready();
  };
}

function listOf(annotation: string): string[] {
  if (!annotation.trimStart().startsWith("[")) return [annotation];
  const list: unknown = JSON.parse(annotation);
  return Array.isArray(list) ? list.map(String) : [];
}

function parseExpression(expression: string): Expression {
  if (expression.startsWith("condition=")) return conditionExpression(expression.slice(10));
  if (expression.startsWith("jsonpath=")) return jsonPathExpression(expression.slice(9));
  throw new Error(`expected a "jsonpath=" or "condition=" prefix, got "${expression}"`);
}

function conditionExpression(text: string): Expression {
  const [type = "", wanted = "True"] = text.split("=");
  return (live) => {
    const condition = conditionOf(live, type);
    const status = textAt(condition, "status");
    const waiting = `Waiting for condition ${type}=${wanted}`;
    if (status.toLowerCase() !== wanted.toLowerCase()) return notYet(waiting + reasonOf(condition));
    const seen =
      numberAt(condition, "observedGeneration") ?? numberAt(live, "status", "observedGeneration");
    const stale = seen !== undefined && seen < generationOf(live);
    return stale ? notYet(`${waiting} of the current generation`) : ready();
  };
}

function reasonOf(condition: KubeObject | undefined): string {
  const words = [textAt(condition, "reason"), textAt(condition, "message")].filter(Boolean);
  return words.length === 0 ? "" : ` (${words.join(": ")})`;
}

function jsonPathExpression(text: string): Expression {
  const match = /^(\{.*?\}|[^={]+)(?:=(.*))?$/s.exec(text);
  if (!match?.[1]) throw new Error(`"${text}" is no JSONPath expression. Write {.path}=value.`);
  const path = parseJsonPath(match[1]);
  const wanted = match[2]?.replace(/^(["'])(.*)\1$/, "$2");
  return (live) => {
    const found = evaluate(path, live);
    const texts = found.map(textOf);
    const done = wanted === undefined ? texts.length > 0 : texts.includes(wanted);
    return done ? ready() : notYet(`Waiting for ${text}, now ${texts.join(" ") || "absent"}`);
  };
}
