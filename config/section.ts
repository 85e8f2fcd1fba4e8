// A group of configuration keys, read one by one. What is wrong is noted, not thrown, so that all mistakes
// of a stack come out together.

import { nearest } from "./spelling";

/** What a value must be: a sentence for people, and the test itself. */
export interface Rule {
  allowed: string;
  accepts: (value: string) => boolean;
}

/** Shows a value that was found, shortened; a secret's text never. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

export class Section {
  private readonly path: string;
  private readonly values: Record<string, unknown>;
  private readonly mistakes: string[];
  private readonly known: string[] = [];

  constructor(path: string, values: Record<string, unknown>, mistakes: string[]) {
    this.path = path;
    this.values = values;
    this.mistakes = mistakes;
  }

  /** Notes a mistake about a key of this group. */
  mistake(key: string, found: string, allowed: string): void {
    this.mistakes.push(`${this.name(key)}: found ${found}; allowed: ${allowed}`);
  }

  has(key: string): boolean {
    return this.look(key) !== undefined;
  }

  /** Whether a group of keys stands there. */
  isGroup(key: string): boolean {
    return isGroup(this.look(key));
  }

  /** A text, or the default; without a default it is required. */
  text(key: string, fallback?: string, rule?: Rule): string {
    const value = this.look(key) ?? fallback;
    const allowed = rule?.allowed ?? "a text";
    const good = typeof value === "string" && value !== "" && (rule?.accepts(value) ?? true);
    if (good) return value;
    this.mistake(key, show(value), allowed);
    return "";
  }

  /** A text that may be left out. */
  optionalText(key: string, rule?: Rule): string | undefined {
    return this.look(key) === undefined ? undefined : this.text(key, undefined, rule);
  }

  /** A text that may be left out and is never shown. */
  secretText(key: string): string | undefined {
    const value = this.look(key);
    if (value === undefined || (typeof value === "string" && value !== "")) return value;
    this.mistake(key, `something that is no text (${typeof value})`, "a text");
    return undefined;
  }

  /** One of a few texts. */
  choice<T extends string>(key: string, choices: readonly T[], fallback: T): T {
    const value = this.look(key) ?? fallback;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    const near = typeof value === "string" ? nearest(value, choices) : undefined;
    this.mistake(
      key,
      show(value),
      `${choices.join(" | ")}${near ? `. Did you mean ${near}?` : ""}`,
    );
    return fallback;
  }

  /** A whole number within bounds, or the default. */
  count(key: string, fallback: number, bounds: { min: number; max: number }): number {
    const value = this.look(key) ?? fallback;
    const whole = typeof value === "number" && Number.isInteger(value);
    if (whole && value >= bounds.min && value <= bounds.max) return value;
    this.mistake(key, show(value), `a whole number from ${bounds.min} to ${bounds.max}`);
    return fallback;
  }

  /** A number above 0 and at most 1 that may be left out. */
  optionalShare(key: string): number | undefined {
    return this.look(key) === undefined ? undefined : this.share(key, 1);
  }

  /** A number above 0 and at most 1, or the default. */
  share(key: string, fallback: number): number {
    const value = this.look(key) ?? fallback;
    if (typeof value === "number" && value > 0 && value <= 1) return value;
    this.mistake(key, show(value), "a number above 0, at most 1");
    return fallback;
  }

  /** A number of at least 0, such as a price; 0 when it is left out. */
  amount(key: string): number {
    const value = this.look(key) ?? 0;
    if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
    this.mistake(key, show(value), "a number of at least 0");
    return 0;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.look(key) ?? fallback;
    if (typeof value === "boolean") return value;
    this.mistake(key, show(value), "true or false, without quotes");
    return fallback;
  }

  /** A list of texts, empty when it is left out. Each that breaks the rule is a mistake. */
  texts(key: string, rule?: Rule): string[] {
    const value = this.look(key) ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
      this.mistake(key, show(value), "a list of texts");
      return [];
    }
    const good = value.filter((item) => rule?.accepts(item) ?? true);
    for (const item of value.filter((found) => !good.includes(found)))
      this.mistake(key, show(item), rule?.allowed ?? "a text");
    return good;
  }

  /**
   * Names of the reader's own choice, each with a text (a number or a flag is taken as its text). A name or a text that
   * breaks the rule is a mistake.
   */
  textByName(key: string, rule?: Rule): Record<string, string> {
    const value = this.look(key) ?? {};
    const entries = isGroup(value) ? Object.entries(value) : [];
    if (!isGroup(value) || entries.some(([, item]) => typeof item === "object")) {
      this.mistake(key, show(value), "names, each with a text");
      return {};
    }
    const texts = entries.map(([name, item]) => [name, String(item)]);
    for (const found of texts.flat().filter((text) => !(rule?.accepts(text) ?? true)))
      this.mistake(key, show(found), rule?.allowed ?? "a text");
    return Object.fromEntries(texts) as Record<string, string>;
  }

  /** Groups of keys, one after the other; none when they are left out. */
  sections(key: string): Section[] {
    const value = this.look(key) ?? [];
    if (Array.isArray(value) && value.every(isGroup))
      return value.map((item, at) => new Section(`${this.name(key)}[${at}]`, item, this.mistakes));
    this.mistake(key, show(value), "a list of groups of keys");
    return [];
  }

  /** A group of keys below this one; empty when it is left out. */
  section(key: string): Section {
    const value = this.look(key) ?? {};
    if (isGroup(value)) return new Section(this.name(key), value, this.mistakes);
    this.mistake(key, show(value), "a group of keys");
    return new Section(this.name(key), {}, []);
  }

  /** Notes every key that nobody asked for. Call it when all of the group has been read. */
  close(): void {
    for (const key of Object.keys(this.values).filter((item) => !this.known.includes(item))) {
      const near = nearest(key, this.known);
      const hint = near ? `Did you mean ${near}?` : `Known keys: ${this.known.join(", ")}.`;
      this.mistakes.push(`${this.name(key)}: unknown key. ${hint}`);
    }
  }

  private look(key: string): unknown {
    if (!this.known.includes(key)) this.known.push(key);
    return this.values[key] ?? undefined;
  }

  private name(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
