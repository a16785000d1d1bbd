/** @file How far some work is. */

export interface ProgressProps {
  /** What is being done. */
  readonly label: string;
  /** From 0 to 1. */
  readonly value: number;
  /** In words, under the bar. */
  readonly detail?: string | undefined;
}

export function Progress({ label, value, detail }: ProgressProps) {
  return (
    <div class="progress">
      <div class="progress-head">
        <span class="progress-label">{label}</span>
        <span class="progress-share">{Math.floor(100 * value)} %</span>
      </div>
      <progress class="progress-bar" max={1} value={value} aria-label={label} />
      {detail && <p class="progress-detail">{detail}</p>}
    </div>
  );
}
