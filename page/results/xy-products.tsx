/** @file A chart of products as points, a series for each kernel, with its table. */

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { significant } from '../../src/report/number.js';
import type { XyAxis, XySeries } from '../chart/xy.js';
import { Chart } from '../components/chart.js';
import { Table } from '../components/table.js';
import { type Product, type ProductSeries, shapeText } from './series.js';

export interface XyProductsProps {
  readonly title: string;
  readonly summary: ComponentChildren;
  readonly label: string;
  readonly file: string;
  readonly x: XyAxis;
  readonly y: XyAxis;
  readonly series: readonly ProductSeries[];
  /** Where a product stands; NaN leaves it out. Must not change from call to call. */
  readonly place: (product: Product) => readonly [x: number, y: number];
  /** Lines behind the points. */
  readonly lines?: readonly XySeries[];
}

const none: readonly XySeries[] = [];

export function XyProducts(props: XyProductsProps) {
  const { title, summary, label, file, x, y, series, place, lines = none } = props;
  const placed = useMemo(
    () =>
      series.map(({ name, products }) => ({
        name,
        marks: products
          .map((product) => ({ product, at: place(product) }))
          .filter(({ at }) => at.every((value) => Number.isFinite(value) && value > 0)),
      })),
    [series, place],
  );
  const option = useMemo<Parameters<typeof Chart>[0]['option']>(
    () => (draw, width) => {
      const points = placed.map(({ name, marks }) => ({
        name,
        kind: 'points' as const,
        points: marks.map(({ at }) => at),
      }));
      return draw.xyOption({ x, y, series: [...points, ...lines] }, width);
    },
    [placed, lines, x, y],
  );
  const rows = placed.flatMap(({ name, marks }) => marks.map((mark) => ({ name, ...mark })));
  return (
    <Chart
      title={title}
      summary={summary}
      label={label}
      file={file}
      option={option}
      height={heightOf}
      describe={(index, mark) => {
        const found = placed[index]?.marks[mark];
        if (!found) return undefined;
        const [across, up] = found.at;
        return `${placed[index]?.name}, ${shapeText(found.product.case)}\n${x.name}: ${significant(across)}\n${y.name}: ${significant(up)}`;
      }}
      table={
        <Table
          caption={title}
          columns={[
            { title: 'Kernel', cell: ({ name }) => name },
            { title: 'M × N × K', cell: ({ product }) => shapeText(product.case) },
            { title: x.name, numeric: true, cell: ({ at }) => significant(at[0]) },
            { title: y.name, numeric: true, cell: ({ at }) => significant(at[1]) },
          ]}
          rows={rows}
          keyOf={(_, index) => index}
        />
      }
    />
  );
}

function heightOf(width: number): number {
  return Math.round(Math.min(380, Math.max(280, width * 0.7)));
}
