// Rows of one kind by id, with indexes on the properties that clients look things up by, kept in the journal.
// Rows are never changed in place: a change is a put of a new row.
import type { Journal } from "./journal";
import { SortedIndex } from "./sorted-index";

/** Property path as filters write it (`name`, `nics/ipAddress`) -> the row's values of it. */
export type Indexes<Row> = Record<string, (row: Row) => (string | undefined)[]>;

export type Watcher<Row> = (before: Row | undefined, after: Row | undefined) => void;

export interface TableOptions {
  /** Without one the table lives in memory alone, as what comes from the seed does. */
  journal?: Journal | undefined;
  /** Indexed properties that are also kept in their values' order. */
  sorted?: string[];
}

export class Table<Row> {
  private readonly name: string;
  private readonly indexes: Indexes<Row>;
  private readonly journal: Journal | undefined;
  private readonly rows = new Map<string, Row>();
  private readonly indexed = new Map<string, Map<string, Set<string>>>();
  private readonly sorted = new Map<string, SortedIndex>();
  private readonly watchers: Watcher<Row>[] = [];

  constructor(name: string, indexes: Indexes<Row>, { journal, sorted = [] }: TableOptions = {}) {
    this.name = name;
    this.indexes = indexes;
    this.journal = journal;
    for (const path of Object.keys(indexes)) this.indexed.set(path, new Map());
    for (const path of sorted) this.sorted.set(path, new SortedIndex());
    for (const [id, row] of journal?.rows(name) ?? []) {
      this.rows.set(id, row as Row);
      this.reindex(id, undefined, row as Row);
    }
  }

  get size(): number {
    return this.rows.size;
  }

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  all(): Row[] {
    return [...this.rows.values()];
  }

  /** Some of all rows, the oldest first, without a look at the rest. */
  slice(start: number, count: number): Row[] {
    return some(this.rows.values(), start, count);
  }

  /** Ids and rows, the oldest first. */
  entries(): IterableIterator<[string, Row]> {
    return this.rows.entries();
  }

  /** Calls for each row there is, and for each change from now on. */
  watch(watcher: Watcher<Row>): void {
    this.watchers.push(watcher);
    for (const row of this.rows.values()) watcher(undefined, row);
  }

  isIndexed(path: string): boolean {
    return this.indexed.has(path);
  }

  /** The property's rows in the order of its values, where that order is kept. */
  inOrder(path: string): SortedIndex | undefined {
    return this.sorted.get(path);
  }

  /** The rows whose indexed property has this value, in the order in which they got it. */
  find(path: string, value: string, start = 0, count = Infinity): Row[] {
    const ids = some(this.idsOf(path, value), start, count);
    return ids.flatMap((id) => this.rows.get(id) ?? []);
  }

  /** How many rows find would give. */
  count(path: string, value: string): number {
    return this.idsOf(path, value).size;
  }

  put(id: string, row: Row): Row {
    const before = this.rows.get(id);
    this.rows.set(id, row);
    this.reindex(id, before, row);
    this.journal?.write(this.name, id, row);
    return row;
  }

  delete(id: string): void {
    const before = this.rows.get(id);
    if (before === undefined) return;
    this.rows.delete(id);
    this.reindex(id, before, undefined);
    this.journal?.write(this.name, id, undefined);
  }

  clear(): void {
    for (const id of [...this.rows.keys()]) this.delete(id);
  }

  private idsOf(path: string, value: string): ReadonlySet<string> {
    const index = this.indexed.get(path);
    if (!index) throw new Error(`Table ${this.name} has no index on ${path}.`);
    return index.get(value) ?? NOTHING;
  }

  // A value that stays keeps its place, so that pages stay as they are while rows change.
  private reindex(id: string, before: Row | undefined, after: Row | undefined): void {
    for (const [path, valuesOf] of Object.entries(this.indexes)) {
      const index = this.indexed.get(path) ?? new Map<string, Set<string>>();
      const order = this.sorted.get(path);
      const old = new Set(before === undefined ? [] : valuesOf(before));
      const now = new Set(after === undefined ? [] : valuesOf(after));
      for (const value of old) if (!now.has(value)) leave({ index, order }, value, id);
      for (const value of now) if (!old.has(value)) enter({ index, order }, value, id);
    }
    for (const watcher of this.watchers) watcher(before, after);
  }
}

interface Kept {
  index: Map<string, Set<string>>;
  order: SortedIndex | undefined;
}

const NOTHING: ReadonlySet<string> = new Set();

function enter({ index, order }: Kept, value: string | undefined, id: string): void {
  if (value === undefined) return;
  order?.add(value, id);
  const ids = index.get(value);
  if (ids) ids.add(id);
  else index.set(value, new Set([id]));
}

function leave({ index, order }: Kept, value: string | undefined, id: string): void {
  if (value === undefined) return;
  order?.remove(value, id);
  const ids = index.get(value);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(value);
}

function some<T>(all: Iterable<T>, start: number, count: number): T[] {
  const found: T[] = [];
  let at = 0;
  for (const item of all) {
    if (found.length >= count) break;
    if (at >= start) found.push(item);
    at += 1;
  }
  return found;
}
