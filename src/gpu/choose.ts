/** @file Which adapter to take: the fastest there is, or the one that is asked for. */

import { AdapterError } from '../errors.js';
import { adapterName } from './browser.js';
import type { AdapterSource, SourceName } from './source.js';

/** `auto`, a kind of adapter, or a part of an adapter's name. */
export type AdapterChoice = 'auto' | 'hardware' | 'software' | 'null' | (string & {});

/** An adapter, and how it was chosen. */
export interface ChosenAdapter {
  readonly adapter: GPUAdapter;
  readonly name: string;
  readonly source: SourceName;
  readonly kind: AdapterSource['kind'];
  /** Why this one and not a faster one, as a sentence. */
  readonly reason: string;
}

/**
 * The first adapter that fits, asking the sources in their order.
 * @throws AdapterError listing what every source answered, if none fits
 */
export async function chooseAdapter(
  sources: readonly AdapterSource[],
  choice: AdapterChoice = 'auto',
): Promise<ChosenAdapter> {
  const byKind = choice === 'hardware' || choice === 'software' || choice === 'null';
  const named = !byKind && choice !== 'auto';
  const candidates = sources.filter((source) => {
    if (byKind) return source.kind === choice;
    return source.kind !== 'null';
  });

  const refusals: string[] = [];
  for (const source of candidates) {
    const found = await source.request(named ? choice : undefined);
    if (typeof found === 'string') {
      refusals.push(found);
      continue;
    }
    const name = adapterName(found);
    // Browsers and Vulkan offer renderers on the CPU too; what computes there is no hardware, whoever offers it.
    const kind = source.kind === 'hardware' && found.info.isFallbackAdapter ? 'software' : source.kind;
    if (byKind && kind !== choice) {
      refusals.push(`the only ${source.name} adapter is a software one (${name})`);
      continue;
    }
    if (named && !name.toLowerCase().includes(choice.toLowerCase())) {
      refusals.push(`the ${kind} adapter "${name}" does not match "${choice}"`);
      continue;
    }
    const asked = choice === 'auto' ? 'the fastest there is' : `asked for as "${choice}"`;
    const reason = refusals.length > 0 && choice === 'auto' ? refusals.join('; ') : asked;
    return { adapter: found, name, source: source.name, kind, reason };
  }
  if (candidates.length === 0 && sources.some(({ name }) => name === 'browser'))
    refusals.push(
      `the browser chooses its adapter for itself and cannot be asked for ${choice}; leave the choice to auto`,
    );
  const tried = refusals.length > 0 ? refusals.map((line) => `\n  - ${line}`).join('') : '\n  - nothing';
  const hint =
    choice === 'auto' ? '' : '\nadapters are chosen by auto, hardware, software or a part of a name';
  throw new AdapterError(`no WebGPU adapter (${choice}). Tried:${tried}${hint}`);
}
