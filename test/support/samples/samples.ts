/** The captures in samples/, by name; scripts/make-samples.mjs writes them, test/rules/samples.test.ts checks them. */
import { pcapFile } from '../pcap-writer.js';
import type { Recording } from '../recording.js';
import { benign } from './benign.js';
import { dnsTunnel } from './dns-tunnel.js';
import { mirrored } from './mirrored.js';
import { reverseShell } from './reverse-shell.js';
import { scan } from './scan.js';
import { webAttack } from './web-attack.js';

export const SAMPLES: Readonly<Record<string, () => Recording>> = {
  'benign.pcap': benign,
  'dns-tunnel.pcap': dnsTunnel,
  'mirrored.pcap': mirrored,
  'reverse-shell.pcap': reverseShell,
  'scan.pcap': scan,
  'web-attack.pcap': webAttack,
};

/** The bytes of one sample's file. */
export function sampleFile(recording: Recording): Uint8Array {
  return pcapFile(recording.frames.map(({ timeUs, bytes }) => ({ timeNs: BigInt(timeUs) * 1000n, bytes })));
}
