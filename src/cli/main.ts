#!/usr/bin/env node
/** @file The command `octile`: runs the program and ends the process. */

import process from 'node:process';
import { fail, run } from './run.js';

/** Ends the process once everything written has left it. Pending work of a GPU does not keep it alive. */
function end(status: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : fail(error)),
);
process.on('uncaughtException', (error) => end(fail(error)));

end(await run(process.argv));
