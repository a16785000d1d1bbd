/** @file A number that stands out, with its unit and what it is. */

import type { ComponentChildren } from 'preact';

export interface FigureProps {
  /** What it is. */
  readonly label: string;
  readonly value: string;
  /** Shown after the value; empty only for a pure number, whose label then says what is counted. */
  readonly unit: string;
  /** How it was found, or what to compare it with. */
  readonly note?: ComponentChildren;
}

export function Figure({ label, value, unit, note }: FigureProps) {
  return (
    <div class="figure">
      <dt class="figure-label">{label}</dt>
      <dd class="figure-value">
        {value}
        {unit && <span class="figure-unit"> {unit}</span>}
      </dd>
      {note && <dd class="figure-note">{note}</dd>}
    </div>
  );
}

export interface FiguresProps {
  readonly children: ComponentChildren;
  /** For words and names rather than measured values: smaller. */
  readonly plain?: boolean;
}

/** Figures side by side. */
export function Figures({ children, plain }: FiguresProps) {
  return <dl class={plain ? 'figures figures-plain' : 'figures'}>{children}</dl>;
}
