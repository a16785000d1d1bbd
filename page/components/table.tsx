/** @file A table with a caption, that scrolls sideways within itself where the screen is narrow. */

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface Column<Row> {
  readonly title: string;
  /** In the head, under the title. */
  readonly unit?: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand to the right, digits under digits. */
  readonly numeric?: boolean;
  /** Sentences: room for a few words in a line. */
  readonly wordy?: boolean;
}

export interface TableProps<Row> {
  readonly caption: string;
  /** Leaves the caption to screen readers, where a heading says the same. */
  readonly hideCaption?: boolean;
  /** The first column heads its row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string | number;
}

export function Table<Row>({ caption, hideCaption, columns, rows, keyOf }: TableProps<Row>) {
  const id = useId();
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section class="table-frame scrolls" aria-labelledby={id} tabIndex={0}>
      <table class="table">
        <caption id={id} class={hideCaption ? 'unseen' : undefined}>
          <span class="table-caption">{caption}</span>
        </caption>
        <thead>
          <tr>
            {columns.map(({ title, unit, numeric }) => (
              <th key={title} scope="col" class={numeric ? 'numeric' : undefined}>
                {title}
                {unit && <span class="table-unit"> {unit}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)}>
              {columns.map(({ title, cell, numeric, wordy }, column) =>
                column === 0 ? (
                  <th key={title} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={title} class={numeric ? 'numeric' : wordy ? 'wordy' : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
