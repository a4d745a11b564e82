import { readFileSync } from 'node:fs';
import { manifestFile } from '../util/program-folder.js';

/** Of the package. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(manifestFile(), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
