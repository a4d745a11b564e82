/** Reads a little-endian microsecond pcap file as a whole: enough for the captures that tests refer to. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHARED = process.env['PERISCOPE_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));

/** Path of a file of `../shared`, beside the project, or where PERISCOPE_SHARED says. */
export const sharedPath = (name: string): string => join(SHARED, name);

/** Whether `../shared/captures` is there; says so loudly when it is not. */
export function sharedCapturesPresent(): boolean {
  const present = existsSync(sharedPath('captures/vxlan'));
  if (!present) console.warn('SKIPPED: ../shared/captures is absent, tests with real captures do not run');
  return present;
}

export interface CapturedFrame {
  readonly linkType: number;
  readonly timeUs: number;
  readonly bytes: Uint8Array;
}

export function readPcap(path: string): CapturedFrame[] {
  const file = readFileSync(path);
  if (file.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error(`${path} is not a little-endian microsecond pcap`);
  const linkType = file.readUInt32LE(20);
  const frames: CapturedFrame[] = [];
  for (let at = 24; at + 16 <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    const timeUs = file.readUInt32LE(at) * 1e6 + file.readUInt32LE(at + 4);
    frames.push({ linkType, timeUs, bytes: new Uint8Array(file.subarray(at + 16, at + 16 + length)) });
    at += 16 + length;
  }
  return frames;
}
