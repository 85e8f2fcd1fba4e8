// Rows of one kind by id, with indexes on the properties that clients look things up by, kept in the journal.
// Rows are never changed in place: a change is a put of a new row.
import type { Journal } from "./journal";

/** Property path as filters write it (`name`, `nics/ipAddress`) -> the row's values of it. */
export type Indexes<Row> = Record<string, (row: Row) => (string | undefined)[]>;

export class Table<Row> {
  private readonly name: string;
  private readonly indexes: Indexes<Row>;
  private readonly journal: Journal | undefined;
  private readonly rows = new Map<string, Row>();
  private readonly indexed = new Map<string, Map<string, Set<string>>>();

  /** Without a journal the table lives in memory alone, as what comes from the seed does. */
  constructor(name: string, indexes: Indexes<Row>, journal?: Journal) {
    this.name = name;
    this.indexes = indexes;
    this.journal = journal;
    for (const path of Object.keys(indexes)) this.indexed.set(path, new Map());
    for (const [id, row] of journal?.rows(name) ?? []) this.place(id, row as Row);
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

  /** Ids and rows, the oldest first. */
  entries(): IterableIterator<[string, Row]> {
    return this.rows.entries();
  }

  isIndexed(path: string): boolean {
    return this.indexed.has(path);
  }

  /** The rows whose indexed property has this value, in the order they were put. */
  find(path: string, value: string): Row[] {
    const index = this.indexed.get(path);
    if (!index) throw new Error(`Table ${this.name} has no index on ${path}.`);
    return [...(index.get(value) ?? [])].flatMap((id) => this.rows.get(id) ?? []);
  }

  put(id: string, row: Row): Row {
    this.displace(id);
    this.place(id, row);
    this.journal?.write(this.name, id, row);
    return row;
  }

  delete(id: string): void {
    if (!this.rows.has(id)) return;
    this.displace(id);
    this.rows.delete(id);
    this.journal?.write(this.name, id, undefined);
  }

  private place(id: string, row: Row): void {
    this.rows.set(id, row);
    this.eachEntry(row, (index, value) => {
      const ids = index.get(value) ?? new Set();
      index.set(value, ids.add(id));
    });
  }

  private displace(id: string): void {
    const row = this.rows.get(id);
    if (row === undefined) return;
    this.eachEntry(row, (index, value) => {
      const ids = index.get(value);
      ids?.delete(id);
      if (ids?.size === 0) index.delete(value);
    });
  }

  private eachEntry(row: Row, visit: (index: Map<string, Set<string>>, value: string) => void) {
    for (const [path, valuesOf] of Object.entries(this.indexes))
      for (const value of valuesOf(row)) {
        const index = this.indexed.get(path);
        if (index && value !== undefined) visit(index, value);
      }
  }
}
