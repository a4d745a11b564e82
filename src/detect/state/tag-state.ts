/**
 * The state of a tag: which rule asked for packets to be recorded, how many, and what has come of them. Stage: detect.
 *
 * A tag is a row of numbers, in the list of a flow (tag-list.ts) or in the table of hosts (tag-hosts.ts). It holds
 * copies of its limits, so that it outlives the rule set that it comes from. Meanings are Suricata's: the packet that
 * matches counts and is not recorded; a packet that would exceed a limit ends the tag; a further match of the rule
 * starts the counts again, so many times and no more, lest a rule that matches every packet records for ever. Allocates
 * nothing.
 */
import type { Packet } from '../../decode/packet.js';
import { TAG_CODE } from '../../block/rule-block.js';

/** Columns of a tag. Limits are 0 where there is none; `restarts` is how often the rule matched again. */
export const TAG = {
  gid: 0,
  sid: 1,
  mostPackets: 2,
  mostBytes: 3,
  mostSeconds: 4,
  restarts: 5,
  isNew: 6,
  packets: 7,
  bytes: 8,
  startUs: 9,
  lastUs: 10,
} as const;
export const TAG_COLUMNS = 11;
/** A match of the same rule beyond these changes nothing. */
const MOST_RESTARTS = 9;

/** What becomes of a packet of a tagged flow or host. */
export const TAG_OUTCOME = { pass: 0, record: 1, over: 2 } as const;

/** The rule that tags, and where its OP.tag stands. */
export interface TagSource {
  gid: number;
  sid: number;
  code: Int32Array;
  at: number;
}

/** Writes a new tag at row `row`, which begins with the packet at hand. */
export function writeTag(rows: Float64Array, row: number, { gid, sid, code, at }: TagSource, { timeUs }: Packet): void {
  rows[row + TAG.gid] = gid;
  rows[row + TAG.sid] = sid;
  rows[row + TAG.mostPackets] = code[at + TAG_CODE.packets] >>> 0;
  rows[row + TAG.mostBytes] = code[at + TAG_CODE.bytes] >>> 0;
  rows[row + TAG.mostSeconds] = code[at + TAG_CODE.seconds] >>> 0;
  rows[row + TAG.restarts] = 0;
  rows[row + TAG.isNew] = 1;
  startTag(rows, row, timeUs);
}

/** The rule has matched again. */
export function restartTag(rows: Float64Array, row: number, { timeUs }: Packet): void {
  if (rows[row + TAG.restarts] >= MOST_RESTARTS) return;
  rows[row + TAG.restarts]++;
  startTag(rows, row, timeUs);
}

function startTag(rows: Float64Array, row: number, timeUs: number): void {
  rows[row + TAG.packets] = 0;
  rows[row + TAG.bytes] = 0;
  rows[row + TAG.startUs] = timeUs;
  rows[row + TAG.lastUs] = timeUs;
}

/** Counts a packet. @returns a TAG_OUTCOME. */
export function countTagged(rows: Float64Array, row: number, { timeUs, frameLength }: Packet): number {
  rows[row + TAG.packets]++;
  rows[row + TAG.bytes] += frameLength;
  rows[row + TAG.lastUs] = timeUs;
  if (rows[row + TAG.isNew] === 1) {
    rows[row + TAG.isNew] = 0;
    return TAG_OUTCOME.pass;
  }
  const isOver =
    exceeds(rows[row + TAG.packets], rows[row + TAG.mostPackets]) ||
    exceeds(rows[row + TAG.bytes], rows[row + TAG.mostBytes]) ||
    exceeds(timeUs - rows[row + TAG.startUs], rows[row + TAG.mostSeconds] * 1e6);
  return isOver ? TAG_OUTCOME.over : TAG_OUTCOME.record;
}

const exceeds = (value: number, limit: number): boolean => limit > 0 && value > limit;

/** Rules that asked for the packet at hand, each once: gid, sid, gid, sid … One list, filled again for every packet. */
export class TagAskers {
  readonly ids: number[] = [];

  add(gid: number, sid: number): void {
    const { ids } = this;
    for (let i = 0; i < ids.length; i += 2) if (ids[i] === gid && ids[i + 1] === sid) return;
    ids.push(gid, sid);
  }
}
