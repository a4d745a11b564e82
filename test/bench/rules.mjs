/**
 * What rules cost: microseconds of verification per packet, and the twenty dearest rules, as `periscope read --profile`
 * measures them over a large capture. What measuring costs is in it; the counts say how often rules were looked at.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, largeCapture, rulePath } from './captures.mjs';
import { digits, expect } from './harness.mjs';
import { CAPTURES, readCapture } from './read.mjs';

const DEAREST = 20;
const profile = join(cacheFolder, 'profile.json');

function rules(captureName) {
  const { packets } = readCapture(largeCapture(...CAPTURES[captureName]), rulePath('ET Open'), {
    more: ['--profile', profile],
  });
  const report = JSON.parse(readFileSync(profile, 'utf8'));
  const shares = report.rules.reduce((sum, { share }) => sum + share, 0);
  expect(Math.round(shares * 100), 100, 'percent of the verification that the rules have together');
  const sum = (field) => report.rules.reduce((total, rule) => total + rule[field], 0);
  return {
    value: report.verification_microseconds / packets,
    shareOfWork: digits(report.verification_microseconds / report.busy_microseconds),
    candidatesPerPacket: digits(sum('candidates') / packets),
    evaluationsPerPacket: digits(sum('evaluations') / packets),
    timingNs: report.timing_nanoseconds,
    dearest: report.rules
      .slice(0, DEAREST)
      .map(({ gid, sid, share }) => `${gid}:${sid} ${(100 * share).toFixed(1)}%`)
      .join(' '),
  };
}

export const ruleBenches = ['mixed', 'HTTP'].map((capture) => ({
  name: `rules: ${capture}, ET Open`,
  unit: 'µs/packet',
  run: () => rules(capture),
}));
