/** Columns of equal length that grow in place; readers get views, never copies. */
export class Series<Name extends string> {
  readonly #names: readonly Name[];
  #columns: Record<Name, Float64Array>;
  #length = 0;

  constructor(names: readonly Name[], capacity = 256) {
    this.#names = names;
    this.#columns = Object.fromEntries(
      names.map((name) => [name, new Float64Array(capacity)]),
    ) as Record<Name, Float64Array>;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds the rows of a batch; every column must be given, all of one length. */
  append(rows: Readonly<Record<Name, ArrayLike<number>>>): void {
    const added = rows[this.#names[0]!].length;
    this.#reserve(this.#length + added);
    for (const name of this.#names) this.#columns[name].set(rows[name], this.#length);
    this.#length += added;
  }

  /** A view of the rows so far; the next append may move the data elsewhere, so do not keep it. */
  column(name: Name): Float64Array {
    return this.#columns[name].subarray(0, this.#length);
  }

  /** All columns, as `column` gives them. */
  columns(): Record<Name, Float64Array> {
    return Object.fromEntries(this.#names.map((name) => [name, this.column(name)])) as Record<
      Name,
      Float64Array
    >;
  }

  #reserve(rows: number): void {
    const capacity = this.#columns[this.#names[0]!].length;
    if (rows <= capacity) return;
    const roomier = Math.max(rows, 2 * capacity);
    for (const name of this.#names) {
      const grown = new Float64Array(roomier);
      grown.set(this.#columns[name].subarray(0, this.#length));
      this.#columns[name] = grown;
    }
  }
}
