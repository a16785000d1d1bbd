/**
 * @file A report as one page: no script, no request, nothing outside the file. Its policy (Content-Security-
 * Policy) forbids all of that to itself. Charts are drawn twice, for wide and for narrow windows.
 */

import { type Chart, type ChartSize, chartCss, drawChart } from './chart.js';
import { escapeText } from './escape.js';
import { alignment, type Section, type SectionFigure, type SectionTable } from './section.js';

const css = `
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1f2328; --muted: #59636e; --line: #d8dee4; --tint: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0d1117; --ink: #e6edf3; --muted: #9aa4af; --line: #30363d; --tint: #151b23; }
}
${chartCss(':root')}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main, header { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 3rem 0 .8rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }
header p, figcaption, summary, .table p, .note { color: var(--muted); }
p, li { max-width: 44rem; }
.findings { margin: 0 0 1rem; padding: .9rem 1.1rem .9rem 2.2rem; background: var(--tint); border-radius: .4rem; }
.findings li + li { margin-top: .35rem; }
details { margin: 1rem 0; font-size: .92rem; }
summary { cursor: pointer; }
figure { margin: 1.6rem 0; }
figure svg { display: block; width: 100%; height: auto; }
figure svg + svg { display: none; }
figcaption { font-size: .9rem; margin-top: .4rem; }
.table { margin: 1.6rem 0; }
.table p { margin: 0 0 .3rem; font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; min-width: 100%; }
th, td { padding: .32rem .75rem .32rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; vertical-align: bottom; }
td { white-space: nowrap; }
td:first-child { white-space: normal; min-width: 11rem; }
td.wide { white-space: normal; min-width: min(16rem, 50vw); }
.right { text-align: right; }
th.right { min-width: 4.2rem; }
footer { max-width: 60rem; margin: 3rem auto 0; padding: 1rem 1.25rem 2.5rem; color: var(--muted); font-size: .88rem; }
@media (max-width: 40rem) {
  h1 { font-size: 1.5rem; }
  figure svg { display: none; }
  figure svg + svg { display: block; }
  td:first-child { min-width: 8rem; }
}
@media print { details { display: block; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }
`;

/** Text longer than this breaks over lines, but for a row's name. */
const longText = 24;

/** What stands above the sections. */
export interface PageHead {
  readonly title: string;
  readonly subtitle: string;
}

/** The page as HTML text. */
export function renderPage({ title, subtitle }: PageHead, parts: readonly Section[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeText(title)}</title>
<style>${css}</style>
</head>
<body>
<header>
<h1>${escapeText(title)}</h1>
<p>${escapeText(subtitle)}</p>
</header>
<main>
${parts.map(renderSection).join('\n')}
</main>
<footer>Made by octile. This file holds everything it shows and asks nothing of any network.</footer>
</body>
</html>
`;
}

function renderSection({ title, findings, figures, tables, notes }: Section): string {
  const found =
    findings.length === 0
      ? ''
      : `<ul class="findings">${findings.map((text) => `<li>${escapeText(text)}</li>`).join('')}</ul>`;
  const how =
    notes.length === 0
      ? ''
      : `<details><summary>How this was done</summary>${notes.map((text) => `<p class="note">${escapeText(text)}</p>`).join('')}</details>`;
  return `<section>
<h2>${escapeText(title)}</h2>
${found}
${figures.map(renderFigure).join('\n')}
${tables.map(renderTable).join('\n')}
${how}
</section>`;
}

function renderFigure({ chart, caption }: SectionFigure): string {
  const wide = drawChart(chart, { width: 900, height: chartHeight(chart, 900) });
  const narrow = drawChart(chart, { width: 360, height: chartHeight(chart, 360) });
  return `<figure>${wide}${narrow}<figcaption>${escapeText(caption)}</figcaption></figure>`;
}

/** Room for every category of a sideways chart, a pleasing shape for the others. */
function chartHeight({ kind, categories, series }: Chart, width: ChartSize['width']): number {
  if (kind === 'line' || kind === 'bar') return width > 600 ? 340 : 300;
  return 90 + categories.length * (kind === 'dots' ? 30 : 14 + 18 * series.length);
}

function renderTable(table: SectionTable): string {
  const align = alignment(table);
  const cell = (tag: 'th' | 'td', text: string, column: number) => {
    const wide = tag === 'td' && column > 0 && text.length > longText;
    const classes = align[column] === 'right' ? 'right' : wide ? 'wide' : '';
    const scope = tag === 'th' ? ' scope="col"' : '';
    return `<${tag}${scope}${classes && ` class="${classes}"`}>${escapeText(text)}</${tag}>`;
  };
  const row = (tag: 'th' | 'td', cells: readonly string[]) =>
    `<tr>${cells.map((text, column) => cell(tag, text, column)).join('')}</tr>`;
  const head = table.head.some((text) => text !== '') ? `<thead>${row('th', table.head)}</thead>` : '';
  const title = escapeText(table.title);
  // The region scrolls where the window is narrow, so it must be reachable by keyboard.
  const scrolled = `<div class="scroll" role="region" tabindex="0" aria-label="${title}"><table>${head}<tbody>
${table.rows.map((cells) => row('td', cells)).join('\n')}
</tbody></table></div>`;
  return table.folded
    ? `<details><summary>${title}</summary>${scrolled}</details>`
    : `<div class="table"><p>${title}</p>${scrolled}</div>`;
}
