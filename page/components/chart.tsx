/** @file A chart: drawn to the width it has, with its values under the pointer, as a table, and as files. */

import { useSignal } from '@preact/signals';
import type { EChartsCoreOption } from 'echarts/core';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { pngOf, standaloneSvg } from '../chart/export.js';
import { download } from '../results/download.js';
import { Button } from './button.js';

type Draw = typeof import('../chart/draw.js');

export interface ChartProps {
  readonly title: string;
  /** What can be seen in it, for readers who see it and readers who do not. */
  readonly summary: ComponentChildren;
  /** What the chart shows in a sentence of plain text. */
  readonly label: string;
  readonly option: (draw: Draw, width: number) => EChartsCoreOption;
  /** Pixels, by the width. */
  readonly height: (width: number) => number;
  /** What is said of a mark under the pointer. */
  readonly describe: (series: number, index: number) => string | undefined;
  /** The same values as a table. */
  readonly table: ComponentChildren;
  /** The name of its files, without an ending. */
  readonly file: string;
}

export function Chart({ title, summary, label, option, height, describe, table, file }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  const tip = useSignal<{ text: string; x: number; y: number } | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);

  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const observer = new ResizeObserver(([entry]) => {
      width.value = Math.floor(entry?.contentRect.width ?? 0);
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (width.value === 0) return;
    let current = true;
    import('../chart/draw.js').then((draw) => {
      if (!current || !place.current) return;
      const size = { width: width.value, height: height(width.value) };
      const text = draw.renderChart(option(draw, size.width), label, size, { keepIndices: true });
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
      place.current.replaceChildren(document.importNode(parsed, true));
    });
    return () => {
      current = false;
    };
  }, [width.value, option, label, height]);

  const point = (event: PointerEvent) => {
    const mark = (event.target as Element).closest('[ecmeta_data_index]');
    const box = place.current?.getBoundingClientRect();
    const text =
      mark &&
      describe(
        Number(mark.getAttribute('ecmeta_series_index')),
        Number(mark.getAttribute('ecmeta_data_index')),
      );
    tip.value = text && box ? { text, x: event.clientX - box.left, y: event.clientY - box.top } : undefined;
  };
  const save = async (kind: 'svg' | 'png') => {
    const svg = place.current?.querySelector('svg');
    if (!svg) return;
    try {
      const blob =
        kind === 'png' ? await pngOf(svg) : new Blob([standaloneSvg(svg)], { type: 'image/svg+xml' });
      download(`${file}.${kind}`, blob);
      problem.value = undefined;
    } catch (error) {
      problem.value = `The ${kind.toUpperCase()} could not be made: ${error instanceof Error ? error.message : error}`;
    }
  };

  return (
    <figure class="chart">
      <figcaption class="chart-head">
        <h3>{title}</h3>
        <p class="chart-summary">{summary}</p>
      </figcaption>
      <div class="chart-frame">
        <div
          class="chart-drawing"
          ref={place}
          style={{ minHeight: `${height(width.value || 600)}px` }}
          onPointerMove={point}
          onPointerLeave={() => {
            tip.value = undefined;
          }}
        />
        {tip.value && (
          <div
            class="chart-tip"
            aria-hidden="true"
            style={{
              left: `${Math.min(tip.value.x + 14, Math.max(0, width.value - 220))}px`,
              top: `${tip.value.y + 14}px`,
            }}
          >
            {tip.value.text}
          </div>
        )}
      </div>
      <div class="chart-foot">
        <details class="details">
          <summary>As a table</summary>
          {table}
        </details>
        <div class="button-row">
          <Button size="small" onClick={() => void save('svg')} label={`Save ${title} as SVG`}>
            SVG
          </Button>
          <Button size="small" onClick={() => void save('png')} label={`Save ${title} as PNG`}>
            PNG
          </Button>
        </div>
      </div>
      {problem.value && (
        <p class="field-error" role="alert">
          {problem.value}
        </p>
      )}
    </figure>
  );
}
