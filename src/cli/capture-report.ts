/** What `read` says of its captures on stderr, and what that means for its exit status. */
import type { CaptureReport } from '../dispatch/task.js';
import type { Engine } from '../engine/engine.js';
import { nameOfLinkType } from '../ingest/link-type-names.js';
import { EXIT } from './exit.js';
import { dropCounts } from './report.js';

const UNSUPPORTED = 'decode.unsupported_link_type';

/** Names captures that cannot be read to their end, and counts what was passed over, by reason. */
export function reportCaptures(engine: Engine): void {
  const lines = engine.captures.flatMap((capture) => [...damage(capture), ...undecoded(capture)]);
  for (const line of [...lines, ...passedOver(engine)]) process.stderr.write(`periscope: ${line}\n`);
}

/** 3 when nothing could be inspected, 1 when that holds for a capture or for what is behind damage in it. */
export function statusOfCaptures(engine: Engine): number {
  const { captures } = engine;
  const { received, inspected } = engine.balance();
  if (!captures.some(({ opened }) => opened) || (received > 0 && inspected === 0)) return EXIT.failed;
  return captures.every(isWhole) ? EXIT.done : EXIT.findings;
}

function isWhole({ error, packets, undecoded: passed }: CaptureReport): boolean {
  const count = [...passed.values()].reduce((sum, each) => sum + each, 0);
  return error === undefined && (packets === 0 || count < packets);
}

function damage({ path, error, opened, packets }: CaptureReport): string[] {
  if (error === undefined) return [];
  if (!opened) return [`${path}: ${error}`];
  return [
    `${path}: ${error}; ${packets === 1 ? 'the packet before it was' : `the ${packets} packets before it were`} inspected`,
  ];
}

function undecoded({ path, undecoded: passed }: CaptureReport): string[] {
  return [...passed].map(
    ([linkType, count]) =>
      `${path}: ${packets(count)} passed over: link type ${nameOfLinkType(linkType)} is not decoded`,
  );
}

/** Frames in which nothing could be read, but for those of link types that are named. */
function passedOver(engine: Engine): string[] {
  const named = engine.captures
    .flatMap((capture) => [...capture.undecoded.values()])
    .reduce((sum, count) => sum + count, 0);
  const reasons = Object.entries(dropCounts(engine.totals()))
    .map(([reason, count]) => [reason, reason === UNSUPPORTED ? count - named : count] as const)
    .filter(([reason, count]) => count > 0 && /^(decode|decapsulate)\./.test(reason));
  if (reasons.length === 0) return [];
  const count = reasons.reduce((sum, [, each]) => sum + each, 0);
  return [
    `${packets(count)} passed over, as nothing in them could be read: ${reasons.map(([reason, each]) => `${reason} ${each}`).join(', ')}`,
  ];
}

const packets = (count: number): string => (count === 1 ? '1 packet was' : `${count} packets were`);
