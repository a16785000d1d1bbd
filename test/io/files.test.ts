import { existsSync, statSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { expect, test } from 'vitest';
import { FileError } from '../../src/errors.js';
import { makeFolder, requireOutputFile } from '../../src/io/files.js';
import { temporaryFolder } from './temporary.js';

const at = temporaryFolder();

test('a folder is made with those above it, and may be there already', async () => {
  await makeFolder(at('one/two/three'));
  await Promise.all([makeFolder(at('one/two/three/four/five')), makeFolder(at('one/two/three/four/six'))]);
  expect(statSync(at('one/two/three/four/five')).isDirectory()).toBe(true);
  expect(statSync(at('one/two/three/four/six')).isDirectory()).toBe(true);
});

test('a file in the way is named', async () => {
  writeFileSync(at('file'), '');
  await expect(makeFolder(at('file'))).rejects.toThrow(/file is a file; the output must be a folder$/);
  await expect(makeFolder(at('file/below'))).rejects.toThrow(/a part of its path is not a folder$/);
});

test.runIf(process.platform === 'linux' && existsSync('/proc/self'))(
  'where no folder can be made, that is said instead of trying for ever',
  async () => {
    await expect(makeFolder('/proc/octile/x')).rejects.toThrow(FileError);
  },
);

test('an empty path is refused before the work for it begins', async () => {
  const empty = /^the path of the output is empty$/;
  await expect(makeFolder('')).rejects.toThrow(empty);
  await expect(requireOutputFile('', [])).rejects.toThrow(empty);
});
