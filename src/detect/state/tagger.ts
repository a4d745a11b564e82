/**
 * Tags flows and hosts when a rule has matched, and records the packets that their tags ask for. Stage: detect, behind
 * a match and at the end of each packet. A packet without a tag costs a look at its flow's number of tags and at one
 * shared word. A packet without a flow belongs to no session, and one without addresses to no host: nothing is then
 * tagged.
 */
import type { Packet } from '../../decode/packet.js';
import type { Direction, Flow } from '../../flow/flow.js';
import type { CandidateSink } from '../event/candidate.js';
import type { EventOptions } from '../event/event-writer.js';
import { OP, RULE, TAG_CODE, TAG_SCOPE } from '../../block/rule-block.js';
import type { RuleSet } from '../../block/rule-set.js';
import { allocateHostTags, HostTags, LEAST_HOST_TAGS } from './tag-hosts.js';
import { countFlowTags, tagFlow } from './tag-list.js';
import { TagAskers, type TagSource } from './tag-state.js';
import { PacketRenderer } from '../event/tagged-packet.js';

export interface TaggerOptions {
  readonly generation?: number;
  readonly alerts?: EventOptions;
  /** Tags of hosts, shared by all shards; the tagger's own where none are given. */
  readonly hostTags?: HostTags | undefined;
  /** False: nothing is tagged. */
  readonly taggedPackets?: boolean | undefined;
}

/** Counts since construction. */
export interface TagStats {
  /** Packets recorded, and those that the sink had no room for. */
  recorded: number;
  dropped: number;
  /** Tags not set because their flow had as many as it may have. */
  refused: number;
}

export class Tagger {
  readonly stats: TagStats = { recorded: 0, dropped: 0, refused: 0 };
  private readonly rules: RuleSet;
  private readonly enabled: boolean;
  private readonly hosts: HostTags | undefined;
  private readonly renderer: PacketRenderer;
  private readonly askers = new TagAskers();
  private readonly source: TagSource;

  constructor(rules: RuleSet, { generation = 0, alerts, hostTags, taggedPackets = true }: TaggerOptions) {
    this.rules = rules;
    this.enabled = taggedPackets;
    this.hosts = hostTags ?? (rules.hostState ? new HostTags(allocateHostTags(LEAST_HOST_TAGS), true) : undefined);
    this.renderer = new PacketRenderer(generation, alerts);
    this.source = { gid: 0, sid: 0, code: rules.code, at: 0 };
  }

  /** Does what the `tag`s of the rule that has matched ask for. */
  tag(row: number, packet: Packet, flow: Flow | null): void {
    if (!this.enabled) return;
    const { words, code } = this.rules;
    const { source } = this;
    const rule = this.rules.rowAt(row);
    source.gid = words[rule + RULE.gid] >>> 0;
    source.sid = words[rule + RULE.sid] >>> 0;
    const end = words[rule + RULE.effectsEnd];
    for (let at = words[rule + RULE.effects]; at < end; at += code[at + 1]) {
      if (code[at] !== OP.tag) continue;
      source.at = at;
      const scope = code[at + TAG_CODE.scope];
      if (scope !== TAG_SCOPE.session) this.tagHost(packet, scope);
      else if (flow !== null) this.stats.refused += tagFlow(flow, source, packet);
    }
  }

  /** Whether the flow or any host is tagged. */
  concerns(flow: Flow | null): boolean {
    return (flow !== null && flow.tagCount !== 0) || (this.hosts !== undefined && this.hosts.used !== 0);
  }

  /** Counts the packet for the tags of its flow and hosts; where one of them asks for it, it goes to the sink. */
  record(packet: Packet, flow: Flow | null, direction: Direction, sink: CandidateSink, receivedMs: number): void {
    const { askers, hosts, stats } = this;
    askers.ids.length = 0;
    if (flow !== null && flow.tagCount !== 0) countFlowTags(flow, packet, askers);
    if (hosts !== undefined && packet.ipVersion !== 0) hosts.count(packet, askers);
    if (askers.ids.length === 0) return;
    if (sink.emit(this.renderer.render(askers.ids, packet, flow, direction, receivedMs))) stats.recorded++;
    else stats.dropped++;
  }

  private tagHost(packet: Packet, scope: number): void {
    if (packet.ipVersion === 0) return;
    this.hosts?.set(packet, scope === TAG_SCOPE.source ? packet.srcIpOffset : packet.dstIpOffset, this.source);
  }
}
