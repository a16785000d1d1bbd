/** @file D as a grid to choose an output from: by click, or by the arrow keys. */

import { useRef } from 'preact/hooks';
import { roughText } from './number.js';

export interface OutputGridProps {
  readonly rows: number;
  readonly cols: number;
  readonly values: ArrayLike<number>;
  readonly row: number;
  readonly col: number;
  readonly onChoose: (row: number, col: number) => void;
}

const moves: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function OutputGrid({ rows, cols, values, row, col, onChoose }: OutputGridProps) {
  const grid = useRef<HTMLTableElement>(null);
  const move = (event: KeyboardEvent) => {
    const by = moves[event.key];
    if (!by) return;
    event.preventDefault();
    const to = [clamp(row + by[0], rows), clamp(col + by[1], cols)] as const;
    onChoose(...to);
    grid.current?.querySelector<HTMLElement>(`[data-at="${to.join(',')}"]`)?.focus();
  };
  let most = 0;
  for (let i = 0; i < rows * cols; i++) most = Math.max(most, Math.abs(values[i] ?? 0));
  return (
    <table class="outputs" ref={grid} onKeyDown={move}>
      <caption>
        D, {rows} × {cols} values. Choose the output to follow: click, or arrow keys.
      </caption>
      <tbody>
        {Array.from({ length: rows }, (_, r) => (
          <tr key={r}>
            {Array.from({ length: cols }, (_, c) => {
              const value = values[r * cols + c] ?? 0;
              const chosen = r === row && c === col;
              return (
                <td key={c}>
                  <button
                    type="button"
                    class={`output ${value < 0 ? 'output-negative' : 'output-positive'}`}
                    style={{ '--share': most === 0 ? 0 : Math.abs(value) / most }}
                    aria-pressed={chosen}
                    aria-label={`Output row ${r}, column ${c}: ${roughText(value)}`}
                    title={`D[${r}, ${c}] = ${roughText(value)}`}
                    tabIndex={chosen ? 0 : -1}
                    data-at={`${r},${c}`}
                    onClick={() => onChoose(r, c)}
                  >
                    <span aria-hidden="true">{value < 0 ? '−' : '+'}</span>
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function clamp(value: number, count: number): number {
  return Math.min(Math.max(value, 0), count - 1);
}
