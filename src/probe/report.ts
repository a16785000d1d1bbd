/** @file The report of a probe: plain data, the same keys in the same order on every machine. */

import { FileError } from '../errors.js';
import type { Gpu } from '../gpu/gpu.js';
import { notJson } from '../json-part.js';
import type { Section } from './finding.js';

/** Raised whenever findings of one version cannot be compared with those of another. */
export const schema = 1;

/** The adapter, as far as WebGPU tells. */
export interface ProbedAdapter {
  readonly name: string;
  readonly kind: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly subgroupSizes: readonly [smallest: number, largest: number];
  readonly features: readonly string[];
}

export interface ProbeReport {
  readonly schema: typeof schema;
  /** octile's version. */
  readonly version: string;
  readonly adapter: ProbedAdapter;
  readonly sections: readonly Section[];
}

export function probedAdapter(gpu: Gpu): ProbedAdapter {
  const { adapter, name, kind } = gpu.adapter;
  const { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize } = adapter.info;
  return {
    name,
    kind,
    vendor,
    architecture,
    device,
    description,
    subgroupSizes: [subgroupMinSize, subgroupMaxSize],
    features: [...gpu.device.features].sort(),
  };
}

/** The text of a report, as JSON. */
export function writeReport(report: ProbeReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/**
 * A report out of its text.
 * @param name of the file, for errors
 * @throws FileError if it is none
 */
export function readReport(text: string, name: string): ProbeReport {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw notJson(name, error);
  }
  const wanted = `allowed: a file that octile probe --json has written`;
  if (!isObject(document) || !('schema' in document)) throw new FileError(`${name} is no report; ${wanted}`);
  if (document.schema !== schema)
    throw new FileError(
      `${name} has schema ${document.schema}; allowed: ${schema}, of this version of octile`,
    );
  const { sections, adapter } = document;
  if (
    !isObject(adapter) ||
    typeof adapter.name !== 'string' ||
    !Array.isArray(sections) ||
    !sections.every(isSection)
  )
    throw new FileError(`${name} lacks parts of a report; ${wanted}`);
  return document as unknown as ProbeReport;
}

function isSection(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.id === 'string' &&
    (value.notOffered === undefined || typeof value.notOffered === 'string') &&
    Array.isArray(value.findings) &&
    value.findings.every(
      (finding) =>
        isObject(finding) && ['id', 'question', 'answer'].every((key) => typeof finding[key] === 'string'),
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
