/** What the matcher is measured with: the patterns of real rules, and the payloads of real packets. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { loadRules } from '../../build/load/load-rules.js';
import { DecodeCounts, decodeFrame } from '../../build/decode/decode.js';
import { DecodedFrame, LAYER, LAYER_WORDS } from '../../build/decode/packet.js';
import { ET_OPEN, largeCapture } from './captures.mjs';
import { root } from './sensor.mjs';

export const SEGMENT_BYTES = 1400;

/** `|0d 0a|` and escapes become bytes. Enough for measuring; the sensor's own parser is stricter. */
function bytesOf(content) {
  const text = content.replaceAll(/\|([^|]*)\|/g, (_, hex) =>
    Buffer.from(hex.replaceAll(/\s/g, ''), 'hex').toString('latin1'),
  );
  return new Uint8Array(Buffer.from(text.replaceAll(/\\(.)/gs, '$1'), 'latin1'));
}

/** The content that a rule is looked up by: the one marked fast_pattern, else the longest that must be there. */
function fastPattern(rule) {
  const contents = [...rule.matchAll(/content:\s*(!?)"((?:[^"\\]|\\.)*)"([^"]*?)(?=content:|pcre:|$)/g)]
    .filter(([, negated]) => negated === '')
    .map(([, , content, modifiers]) => ({
      bytes: bytesOf(content),
      nocase: modifiers.includes('nocase'),
      fast: modifiers.includes('fast_pattern'),
    }));
  return contents.find(({ fast }) => fast) ?? contents.toSorted((a, b) => b.bytes.length - a.bytes.length)[0];
}

const distinct = (patterns) => [
  ...new Map(
    patterns.map(({ bytes, nocase }) => [`${nocase}${Buffer.from(bytes).toString('latin1')}`, { bytes, nocase }]),
  ).values(),
];

/** Words that rules could ask for, made up, where no rules are at hand. */
function generatedPatterns(count) {
  const syllables = 'ad ba ce di en fo gu ha in jo ka le mi no or pe qu ri sa to un ve wi xa yo ze'.split(' ');
  return Array.from({ length: count }, (_, i) => {
    let text = i % 3 === 0 ? '/' : '';
    for (let rest = ((i * 2654435761) % 2 ** 32) + 7; rest > 0; rest = Math.floor(rest / 26))
      text += syllables[rest % 26];
    return { bytes: new Uint8Array(Buffer.from(text, 'latin1')), nocase: i % 2 === 0 };
  });
}

/** `count` patterns, spread evenly over the rules of a file; generated ones where the file is absent or has fewer. */
export function pickPatterns(source, count) {
  let all = [];
  if (source === 'project') {
    all = distinct(
      loadRules({ rules: [join(root, 'rules')] }).programs.flatMap(({ fastPattern }) => fastPattern ?? []),
    );
  } else if (existsSync(ET_OPEN)) {
    // Not by the loader: rules that wait for their protocol have no pattern yet, but will have it in the matcher.
    const rules = gunzipSync(readFileSync(ET_OPEN))
      .toString('latin1')
      .split('\n')
      .filter((line) => line.startsWith('alert '));
    all = distinct(rules.map(fastPattern).filter((pattern) => pattern !== undefined && pattern.bytes.length > 0));
  }
  if (all.length === 0) return { patterns: generatedPatterns(count), of: 'generated' };
  const picked = Math.min(count, all.length);
  return {
    patterns: Array.from({ length: picked }, (_, i) => all[Math.floor((i * all.length) / picked)]),
    of: source === 'project' ? 'rules/' : 'ET Open',
  };
}

function* frames(file) {
  const bytes = readFileSync(file);
  for (let at = 24; at + 16 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    yield { at: at + 16, length, bytes };
    at += 16 + length;
  }
}

/** Payloads of captured packets one after the other, cut into segments; shared memory, as the rings are. */
export function segments(count) {
  const wanted = count * SEGMENT_BYTES;
  const out = new Uint8Array(new SharedArrayBuffer(wanted));
  const frame = new DecodedFrame();
  const counts = new DecodeCounts();
  let filled = 0;
  while (filled < wanted) {
    for (const file of captureFiles()) {
      for (const { at, length, bytes } of frames(file)) {
        decodeFrame(bytes, at, length, 1, frame, counts);
        if (frame.layerCount === 0) continue;
        const row = (frame.layerCount - 1) * LAYER_WORDS;
        const from = frame.layers[row + LAYER.payloadOffset];
        const take = Math.min(frame.layers[row + LAYER.payloadLength], wanted - filled);
        out.set(bytes.subarray(from, from + take), filled);
        filled += take;
        if (filled === wanted) return out;
      }
    }
  }
  return out;
}

function captureFiles() {
  try {
    return [largeCapture('mixed-200.pcap', '--megabytes', '200')];
  } catch (error) {
    if (error.skip !== true) throw error;
    return readdirSync(join(root, 'samples'))
      .filter((name) => name.endsWith('.pcap'))
      .map((name) => join(root, 'samples', name));
  }
}
