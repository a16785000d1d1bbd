/** @file Files that a command line names: what is wrong with one is said of its argument. */

import { FileError } from '../errors.js';

/**
 * Does work on the files of an argument.
 * @param argument as it is written: --a, or <DIR>
 * @throws FileError naming the argument in front of the file
 */
export async function filesOf<T>(argument: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof FileError
      ? new FileError(`${argument}: ${error.message}`, { cause: error })
      : error;
  }
}
