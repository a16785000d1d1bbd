#!/usr/bin/env node
/** @file The command `octile`: runs the program and ends the process. */

import process from 'node:process';
import { fail, run } from './run.js';
import { outputError } from './terminal.js';

/** Ends the process once everything written has left it. Pending work of a GPU does not keep it alive. */
function end(status: number): void {
  process.stdout.write('', (error) => {
    const left = error ? lost(process.stdout.errored ?? error) : status;
    process.stderr.write('', () => process.exit(left));
  });
}

/** The exit status where stdout takes no more. A reader that has seen enough, such as `head`, is no error. */
function lost(error: Error): number {
  if ('code' in error && error.code === 'EPIPE') return 0;
  return fail(outputError(error));
}

process.stdout.on('error', (error) => process.exit(lost(error)));
process.on('uncaughtException', (error) => end(fail(error)));

end(await run(process.argv));
