/**
 * The tags of a flow (`tag:session`): rows of TAG_COLUMNS numbers in a list of the flow's. Stage: detect. Allocates
 * nothing.
 */
import type { Packet } from '../../decode/packet.js';
import type { Flow } from '../../flow/flow.js';
import { appendEntry, firstDouble, setListCount } from '../../memory/arena-list.js';
import {
  countTagged,
  restartTag,
  TAG,
  TAG_COLUMNS,
  TAG_OUTCOME,
  writeTag,
  type TagAskers,
  type TagSource,
} from './tag-state.js';

/** Tags that a flow may hold; further ones are not set. */
export const MAX_FLOW_TAGS = 50;

const TAG_BYTES = 8 * TAG_COLUMNS;

/** Tags the flow, or starts its tag of the same rule again. @returns 1 where it has no room, else 0. */
export function tagFlow(flow: Flow, source: TagSource, packet: Packet): number {
  const { doubles } = flow.arena;
  const count = flow.tagCount;
  const first = firstDouble(flow.tags);
  for (let row = first; row < first + count * TAG_COLUMNS; row += TAG_COLUMNS) {
    if (doubles[row + TAG.gid] !== source.gid || doubles[row + TAG.sid] !== source.sid) continue;
    restartTag(doubles, row, packet);
    return 0;
  }
  const list = count < MAX_FLOW_TAGS ? appendEntry(flow.arena, flow.tags, TAG_BYTES) : 0;
  if (list === 0) return 1;
  flow.tags = list;
  writeTag(doubles, firstDouble(list) + count * TAG_COLUMNS, source, packet);
  return 0;
}

/** Counts the packet for all tags, takes off those that are over, and adds the rules that ask for it to `askers`. */
export function countFlowTags(flow: Flow, packet: Packet, askers: TagAskers): void {
  const { doubles } = flow.arena;
  const first = firstDouble(flow.tags);
  const end = first + flow.tagCount * TAG_COLUMNS;
  let kept = first;
  for (let row = first; row < end; row += TAG_COLUMNS) {
    const outcome = countTagged(doubles, row, packet);
    if (outcome === TAG_OUTCOME.over) continue;
    if (outcome === TAG_OUTCOME.record) askers.add(doubles[row + TAG.gid], doubles[row + TAG.sid]);
    if (kept !== row) doubles.copyWithin(kept, row, row + TAG_COLUMNS);
    kept += TAG_COLUMNS;
  }
  setListCount(flow.arena, flow.tags, (kept - first) / TAG_COLUMNS);
}
