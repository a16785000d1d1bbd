import { expect, test } from 'vitest';
import { escapeText } from '../../src/report/escape.js';
import { renderPage } from '../../src/report/html.js';
import { sections } from '../../src/report/sections.js';
import { renderTerminal } from '../../src/report/terminal.js';
import { hostile, report } from './fixture.js';

const parts = sections(report);
const page = renderPage({ title: `Title ${hostile}`, subtitle: 'sub & title' }, parts);
const bare = page.replaceAll('xmlns="http://www.w3.org/2000/svg"', '');

test('the page is self-contained: no script, no request, and its policy forbids both', () => {
  const found = (pattern: RegExp) => bare.replaceAll(escapeText(hostile), '').match(pattern) ?? [];
  expect(found(/<(?:script|link|iframe|object|embed|img|image|video|audio|base|form)\b/gi)).toEqual([]);
  expect(found(/https?:|\b(?:src|href|srcset|action|data)="|url\(|@import/gi)).toEqual([]);
  expect(found(/\son\w+=/gi)).toEqual([]);
  expect(page).toContain(
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
  );
});

test('its text is escaped', () => {
  expect(page).toContain(`<title>${escapeText(`Title ${hostile}`)}</title>`);
  expect(page).toContain('sub &amp; title');
  expect(page).toContain('Adapter &lt;img src=x');
});

test('text is escaped wherever a section can hold it', () => {
  const chart = {
    kind: 'bar',
    label: hostile,
    categories: [hostile],
    categoryName: hostile,
    value: { name: hostile },
    series: [{ name: hostile, values: [1] }],
  } as const;
  const tables = [true, false].map((folded) => ({
    title: hostile,
    head: [hostile],
    rows: [[hostile]],
    folded,
  }));
  const section = {
    title: hostile,
    findings: [hostile],
    notes: [hostile],
    figures: [{ chart, caption: hostile }],
    tables,
  };
  const all = renderPage({ title: hostile, subtitle: hostile }, [section]);
  expect(all.match(/<img|<script|<\/script|"quoted"/g) ?? []).toEqual([]);
});

test('every finding, note, caption, title and cell of the sections is on the page', () => {
  for (const { title, findings, notes, figures, tables } of parts) {
    const cells = tables.flatMap((table) => [table.title, ...table.head, ...table.rows.flat()]);
    for (const text of [title, ...findings, ...notes, ...figures.map(({ caption }) => caption), ...cells])
      expect(page).toContain(escapeText(text));
  }
});

test('each chart is drawn for wide and for narrow windows', () => {
  const charts = parts.flatMap(({ figures }) => figures).length;
  expect(charts).toBe(4);
  expect(page.match(/<svg role="img"/g)?.length).toBe(2 * charts);
  expect(page.match(/<svg[^>]* width="900"/g)?.length).toBe(charts);
  expect(page.match(/<svg[^>]* width="360"/g)?.length).toBe(charts);
});

test('tags are balanced', () => {
  const open: string[] = [];
  for (const [, closing, name = '', attributes = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)([^<>]*)>/gi)) {
    if (['meta', '!doctype'].includes(name.toLowerCase()) || attributes.endsWith('/')) continue;
    if (closing) expect(name).toBe(open.pop());
    else open.push(name);
  }
  expect(open).toEqual([]);
});

test('the terminal has every finding and every table, with the columns it has room for', () => {
  const text = renderTerminal(parts);
  const words = (of: string) => of.split(/\s+/).join(' ');
  for (const { title, findings, tables } of parts) {
    expect(text).toContain(title);
    for (const finding of findings) expect(words(text)).toContain(words(finding));
    for (const table of tables) {
      expect(text).toContain(table.title);
      for (const row of table.rows)
        for (const cell of row.slice(0, table.terminalColumns)) expect(text).toContain(cell);
    }
  }
  expect(text).not.toContain('every code');
  for (const line of text.split('\n').filter((one) => one.includes('linear layers')))
    expect(line.length).toBeLessThanOrEqual(100);
});

test('the report survives JSON', () => {
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});
