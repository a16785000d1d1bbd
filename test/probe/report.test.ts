import { expect, test } from 'vitest';
import { FileError } from '../../src/errors.js';
import { compareReports } from '../../src/probe/compare.js';
import type { Finding } from '../../src/probe/finding.js';
import { type ProbeReport, readReport, schema, writeReport } from '../../src/probe/report.js';

function finding(id: string, answer: string): Finding {
  return {
    id,
    question: `What is ${id}?`,
    answer,
    cases: 2,
    agreement: { [answer]: 2 },
    evidence: [{ inputs: ['0x3f800000'], seen: '0x00000000', predicted: { [answer]: '0x00000000' } }],
  };
}

function report(name: string, findings: readonly Finding[]): ProbeReport {
  return {
    schema,
    version: '1.2.3',
    adapter: {
      name,
      kind: 'hardware',
      vendor: 'v',
      architecture: 'a',
      device: 'd',
      description: 'e',
      subgroupSizes: [32, 32],
      features: ['subgroups'],
    },
    sections: [
      { id: 'f32', title: 'f32', findings },
      { id: 'f16', title: 'f16', notOffered: 'no f16 here', findings: [] },
    ],
  };
}

const one = report('one', [finding('f32.add', 'nearest-even'), finding('f32.fma', 'fused')]);

test('a report survives its text', () => {
  expect(readReport(writeReport(one), 'one.json')).toEqual(one);
});

test.each<[string, string, RegExp]>([
  ['{', 'cut.json', /^cut\.json is no JSON: /],
  ['[]', 'list.json', /^list\.json is no report; allowed: a file that octile probe --json has written/],
  ['{"a":1}', 'other.json', /is no report/],
  [JSON.stringify({ ...one, schema: 99 }), 'new.json', /has schema 99; allowed: 1/],
  [JSON.stringify({ ...one, sections: 3 }), 'x.json', /lacks parts/],
  [JSON.stringify({ ...one, adapter: {} }), 'x.json', /lacks parts/],
  [JSON.stringify({ ...one, sections: [{ id: 'f32', findings: [{ id: 3 }] }] }), 'x.json', /lacks parts/],
])('%s is refused', (text, name, message) => {
  expect(() => readReport(text, name)).toThrow(FileError);
  expect(() => readReport(text, name)).toThrow(message);
});

test('equal answers are no difference, whatever the evidence', () => {
  const [add] = one.sections[0]?.findings ?? [];
  const other = report('other', [
    { ...(add as Finding), evidence: [], cases: 900 },
    finding('f32.fma', 'fused'),
  ]);
  expect(compareReports(one, other)).toEqual({ adapters: ['one', 'other'], compared: 2, differences: [] });
});

test('other answers and answers that one lacks are differences, in the order of the first', () => {
  const other = report('other', [finding('f32.new', 'yes'), finding('f32.add', 'toward-zero')]);
  expect(compareReports(one, other)).toEqual({
    adapters: ['one', 'other'],
    compared: 3,
    differences: [
      { id: 'f32.add', question: 'What is f32.add?', answers: ['nearest-even', 'toward-zero'] },
      { id: 'f32.fma', question: 'What is f32.fma?', answers: ['fused', 'not offered'] },
      { id: 'f32.new', question: 'What is f32.new?', answers: ['not offered', 'yes'] },
    ],
  });
});
