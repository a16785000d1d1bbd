/** @file How far a run is, and how long it still takes. Pure. */

import type { Progress } from './state.js';

/** Seconds that a measurement takes until one has been timed: warming up and sampling on a GPU. */
const usualMeasurement = 2;
/** Seconds that a step of verifying takes until one has been timed. */
const usualStep = 0.1;

/**
 * The share of the run that is done, and seconds left.
 * @param now as performance.now() has it
 */
export function outlook(progress: Progress, now: number): { share: number; secondsLeft: number } {
  const { steps, stepsDone, measurements, measured, verifyingSince, measuringSince } = progress;
  const verifying = measuringSince === 0;
  const perStep =
    verifying && stepsDone > 0 ? (now - verifyingSince) / 1e3 / stepsDone : steps === 0 ? 0 : usualStep;
  const perMeasurement = measured > 0 ? (now - measuringSince) / 1e3 / measured : usualMeasurement;
  const left =
    (verifying ? (steps - stepsDone) * perStep : 0) + Math.max(0, measurements - measured) * perMeasurement;
  const spent = verifyingSince === 0 ? 0 : (now - verifyingSince) / 1e3;
  const share = spent + left === 0 ? 0 : spent / (spent + left);
  return { share: Math.min(1, Math.max(0, share)), secondsLeft: left };
}

/** "about 2 min 10 s left". */
export function leftText(seconds: number): string {
  if (seconds < 1) return 'almost done';
  if (seconds < 60) return `about ${Math.ceil(seconds)} s left`;
  return `about ${Math.floor(seconds / 60)} min ${Math.ceil((seconds % 60) / 5) * 5} s left`;
}
