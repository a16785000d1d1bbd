/** @file A run inside a link: JSON, deflated, in base64url. Nothing is stored anywhere. */

import { FileError } from '../../src/errors.js';
import type { BenchmarkRun } from './benchmark-run.js';
import { readRun } from './read-run.js';

/** Text that a link may unfold to: far more than a run has, and no burden for a browser. */
const mostBytes = 4 * 2 ** 20;

/** The run as a part of an address. */
export async function packRun(run: BenchmarkRun): Promise<string> {
  const packed = new Blob([JSON.stringify(run)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * The run of a link.
 * @throws FileError saying what is wrong with it
 */
export async function unpackRun(text: string): Promise<BenchmarkRun> {
  return readRun(await inflate(decodeBase64(text)), 'this link');
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    throw new FileError('this link is damaged: its result holds characters that it cannot have');
  }
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let text = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return text;
      text += value;
      if (text.length > mostBytes) break;
    }
  } catch {
    throw new FileError('this link is damaged or cut off: its result cannot be unpacked. Copy it whole');
  }
  await reader.cancel();
  throw new FileError(`this link unfolds to more than ${mostBytes / 2 ** 20} MiB, which no result does`);
}
