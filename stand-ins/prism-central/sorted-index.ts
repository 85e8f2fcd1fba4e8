// Ids in the order of a text property: ordered pages and prefixes are found without a look at the other rows.

interface Entry {
  value: string;
  id: string;
}

export class SortedIndex {
  private readonly entries: Entry[] = [];

  get size(): number {
    return this.entries.length;
  }

  add(value: string, id: string): void {
    this.entries.splice(this.placeOf(value, id), 0, { value, id });
  }

  remove(value: string, id: string): void {
    const place = this.placeOf(value, id);
    if (this.entries[place]?.id === id) this.entries.splice(place, 1);
  }

  /** Ids from one place (0 is the lowest value) to before another. */
  ids(from: number, to: number): string[] {
    return this.entries.slice(Math.max(0, from), Math.max(0, to)).map(({ id }) => id);
  }

  /** Where the values that begin with a text are. */
  prefix(text: string): { from: number; to: number } {
    return { from: this.placeOf(text, ""), to: this.placeOf(`${text}\uffff`, "") };
  }

  /** The place of the first entry that is not below this one. */
  private placeOf(value: string, id: string): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.entries[middle] ?? { value: "", id: "" };
      const isBelow = entry.value < value || (entry.value === value && entry.id < id);
      if (isBelow) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
