import { expect, test } from 'vitest';
import { octile } from './octile.js';

const { version } = await import('../../package.json', { with: { type: 'json' } }).then(
  (manifest) => manifest.default,
);
const escapeCode = '\u001b';

/** The commands that the help lists. */
async function commandNames(): Promise<string[]> {
  const { stdout } = await octile(['--help']);
  const listed = stdout.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
  return [...listed.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name as string);
}

test('every command has a help text with an example of itself', async () => {
  const names = await commandNames();
  expect(names).toEqual(expect.arrayContaining(['info', 'quantize', 'dequantize', 'gemm', 'help']));
  await Promise.all(
    names
      .filter((name) => name !== 'help')
      .map(async (name) => {
        const { status, stdout, stderr } = await octile([name, '--help']);
        expect({ status, stderr }, name).toEqual({ status: 0, stderr: '' });
        expect(stdout, name).toMatch(new RegExp(`^Usage: octile ${name} `));
        expect(stdout, name).toMatch(new RegExp(`\nExamples:\n  \\$ octile ${name}\\b`));
      }),
  );
});

test('--version prints the version alone', async () => {
  expect(await octile(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test('no command and unknown commands are wrong usage', async () => {
  const [nothing, unknown, close] = await Promise.all([octile([]), octile(['multiply']), octile(['gem'])]);
  expect(nothing).toMatchObject({ status: 2, stdout: '' });
  expect(nothing.stderr).toMatch(/^Usage: octile /);
  expect(unknown).toMatchObject({ status: 2, stdout: '' });
  expect(unknown.stderr).toMatch(/^error: unknown command 'multiply'\n/);
  expect(close.stderr).toContain('Did you mean gemm?');
});

test('colours go to terminals alone, or where they are forced, and never against NO_COLOR', async () => {
  const run = (env: NodeJS.ProcessEnv) => octile(['info', '--adapter', 'nothing-like-it'], env);
  const [plain, forced, forbidden, help, forcedHelp] = await Promise.all([
    run({ CI: 'true' }),
    run({ FORCE_COLOR: '1' }),
    run({ FORCE_COLOR: '1', NO_COLOR: '1' }),
    octile(['--help']),
    octile(['--help'], { FORCE_COLOR: '1' }),
  ]);
  expect(plain.stderr).toMatch(/^error: /);
  expect(plain.stderr).not.toContain(escapeCode);
  expect(forced.stderr).toContain(`${escapeCode}[31merror:`);
  expect(forbidden.stderr).toBe(plain.stderr);
  expect(help.stdout).not.toContain(escapeCode);
  expect(forcedHelp.stdout).toContain(escapeCode);
});
