/** @file Work done on the way, as a label on the place or the arrow where it is done. */

export interface WorkProps {
  /** The middle of the label. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** The picture's width, within which it stays. */
  readonly within: number;
}

export function Work({ x, y, text, within }: WorkProps) {
  const size = workSize(text);
  const start = Math.min(Math.max(x - size / 2, 1), within - size - 1);
  return (
    <g>
      <rect class="flow-work" x={start} y={y - 10} width={size} height={20} rx={10} />
      <text class="flow-work-text" x={start + size / 2} y={y + 4}>
        {text}
      </text>
    </g>
  );
}

/** How wide a label is. */
export function workSize(text: string): number {
  return text.length * 6.4 + 14;
}
