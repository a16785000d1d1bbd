/** @file Progress of work that takes long, on stderr: a bar if somebody is there to see it, else now and then a line. */

import process from 'node:process';
import { SingleBar } from 'cli-progress';

/** Reports that `count` units (1 unless told otherwise) of the work are done. */
export type Tick = (count?: number) => void;

export interface ProgressOptions {
  /** true: no bar, because the output is for a program. */
  readonly json?: boolean | string | undefined;
  /** Where the bar goes, if it is a terminal that can draw one, or the lines. Default stderr. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Milliseconds before the bar appears: shorter work has none. */
const delay = 1500;

/** Milliseconds between lines, and before the first: of minutes of work a log should say that they go on. */
const betweenLines = 15_000;

/**
 * Does `work`, showing its progress: by a bar when it takes longer than 1.5 seconds, which is gone at the end; where
 * there is no terminal for a bar, or the output is JSON, by a line every 15 seconds.
 * @param label what is done, in a few words
 * @param total units of work that will be ticked off; undefined where nobody can tell, and the time it has taken
 * shows instead of a bar
 */
export async function withProgress<T>(
  label: string,
  total: number | undefined,
  work: (tick: Tick) => Promise<T>,
  options: ProgressOptions = {},
): Promise<T> {
  const { json, stream = process.stderr } = options;
  if (json === true || !stream.isTTY || process.env.TERM === 'dumb')
    return withLines(label, total, work, stream);

  const start = performance.now();
  const timed = total === undefined;
  const bar = new SingleBar({
    stream,
    format: timed
      ? () => `${label} … ${Math.round((performance.now() - start) / 1000)} s`
      : `${label} {bar} {percentage}% | {value}/{total} | {eta_formatted} left`,
    forceRedraw: timed,
    fps: timed ? 2 : 10,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    etaBuffer: 50,
  });
  let ticked = 0;
  let shown = false;
  const show = () => {
    if (!shown) bar.start(total ?? 1, ticked);
    shown = true;
  };
  // The timer shows the bar of work that waits; work that computes between ticks shows it by them.
  const timer = setTimeout(show, delay);
  try {
    return await work((count = 1) => {
      ticked += count;
      if (shown) bar.update(ticked);
      else if (performance.now() - start >= delay) show();
    });
  } finally {
    clearTimeout(timer);
    if (shown) bar.stop();
  }
}

async function withLines<T>(
  label: string,
  total: number | undefined,
  work: (tick: Tick) => Promise<T>,
  stream: NodeJS.WritableStream,
): Promise<T> {
  const start = performance.now();
  let ticked = 0;
  let due = betweenLines;
  const line = () => {
    const elapsed = performance.now() - start;
    if (elapsed < due) return;
    due = elapsed + betweenLines;
    const done = total === undefined ? '' : ` ${Math.floor((100 * ticked) / total)}%`;
    stream.write(`${label} …${done} after ${Math.round(elapsed / 1000)} s\n`);
  };
  // The timer speaks for work that waits; work that computes between ticks speaks by them.
  const timer = setInterval(line, 1000);
  try {
    return await work((count = 1) => {
      ticked += count;
      line();
    });
  } finally {
    clearInterval(timer);
  }
}
