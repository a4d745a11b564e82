/**
 * The tags of a flow (`tag:session`): the first `tagCount` rows of TAG_COLUMNS numbers in its list. Stage: detect. Allocates
 * only where a flow gets its first ones.
 */
import type { Packet } from '../decode/packet.js';
import type { Flow } from '../flow/flow.js';
import { countTagged, restartTag, TAG, TAG_COLUMNS, TAG_OUTCOME, writeTag, type TagAskers, type TagSource } from './tag-state.js';

/** Tags that a flow may hold; further ones are not set. */
export const MAX_FLOW_TAGS = 50;

/** Tags the flow, or starts its tag of the same rule again. @returns 1 where it has no room, else 0. */
export function tagFlow(flow: Flow, source: TagSource, packet: Packet): number {
  const tags = (flow.tags ??= []);
  const end = flow.tagCount * TAG_COLUMNS;
  for (let row = 0; row < end; row += TAG_COLUMNS) {
    if (tags[row + TAG.gid] !== source.gid || tags[row + TAG.sid] !== source.sid) continue;
    restartTag(tags, row, packet);
    return 0;
  }
  if (flow.tagCount >= MAX_FLOW_TAGS) return 1;
  while (tags.length < end + TAG_COLUMNS) tags.push(0);
  writeTag(tags, end, source, packet);
  flow.tagCount++;
  return 0;
}

/** Counts the packet for all tags, takes off those that are over, and adds the rules that ask for it to `askers`. */
export function countFlowTags(flow: Flow, packet: Packet, askers: TagAskers): void {
  const { tags } = flow;
  if (tags === undefined) return;
  const end = flow.tagCount * TAG_COLUMNS;
  let kept = 0;
  for (let row = 0; row < end; row += TAG_COLUMNS) {
    const outcome = countTagged(tags, row, packet);
    if (outcome === TAG_OUTCOME.over) continue;
    if (outcome === TAG_OUTCOME.record) askers.add(tags[row + TAG.gid], tags[row + TAG.sid]);
    if (kept !== row) for (let column = 0; column < TAG_COLUMNS; column++) tags[kept + column] = tags[row + column];
    kept += TAG_COLUMNS;
  }
  flow.tagCount = kept / TAG_COLUMNS;
}
