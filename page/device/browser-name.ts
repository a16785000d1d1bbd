/** @file Which browser this is, as far as its own words tell: for advice and for the record of a measurement. */

export interface BrowserName {
  readonly family: 'Chrome' | 'Edge' | 'Firefox' | 'Safari' | 'unknown';
  /** Its major version; empty if it does not say. */
  readonly version: string;
  readonly system: 'Windows' | 'macOS' | 'Linux' | 'Android' | 'iOS' | 'ChromeOS' | 'unknown';
}

/** Tested in this order: each also carries the names of those below it. */
const families: readonly [BrowserName['family'], RegExp][] = [
  ['Edge', /Edg(?:A|iOS)?\/(\d+)/],
  ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/],
  ['Safari', /Version\/(\d+)[\d.]* (?:Mobile\/\S+ )?Safari\//],
];

const systems: readonly [BrowserName['system'], RegExp][] = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad|iPod/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X|Macintosh/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux/],
];

/** @param agent what the browser sends as User-Agent */
export function browserName(agent: string = navigator.userAgent): BrowserName {
  const system = systems.find(([, pattern]) => pattern.test(agent))?.[0] ?? 'unknown';
  for (const [family, pattern] of families) {
    const found = pattern.exec(agent);
    if (found) return { family, version: found[1] ?? '', system };
  }
  return { family: 'unknown', version: '', system };
}

/** "Chrome 147 on Linux". */
export function browserText({ family, version, system }: BrowserName): string {
  const name = family === 'unknown' ? 'a browser that does not say its name' : `${family} ${version}`.trim();
  return system === 'unknown' ? name : `${name} on ${system}`;
}
