/** @file Values that are made when they are first asked for, and kept. */

export class Once<Value> {
  readonly #made = new Map<string, Promise<Value>>();

  /** The value of this name; one that could not be made is made again when it is asked for again. */
  get(name: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.#made.get(name);
    if (known) return known;
    const made = make();
    this.#made.set(name, made);
    made.catch(() => this.#made.delete(name));
    return made;
  }

  /** Gives each value to `dispose` as soon as it is made, and forgets them. */
  clear(dispose: (value: Value) => void): void {
    for (const made of this.#made.values()) made.then(dispose, () => undefined);
    this.#made.clear();
  }
}
