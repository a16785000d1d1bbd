/** @file Looking up rows of results. */

/** The first row that has these values; undefined if none has. */
export function findRow<Row extends object>(rows: readonly Row[], wanted: Partial<Row>): Row | undefined {
  const entries = Object.entries(wanted);
  return rows.find((row) => entries.every(([name, value]) => row[name as keyof Row] === value));
}

/** The values of a column, each once, in the order in which they occur. */
export function distinct<Row, Name extends keyof Row>(rows: readonly Row[], name: Name): Row[Name][] {
  return [...new Set(rows.map((row) => row[name]))];
}
