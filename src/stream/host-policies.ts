/**
 * Whose way of settling overlaps counts: that of the host that receives the bytes, where the configuration knows its
 * system, else one for all (overlap.ts). Asked only where bytes overlap. Stage: stream.
 */
import { COLUMN, STATE_BIT, STREAM_WORDS } from '../flow/record.js';
import { DIRECTION } from '../flow/flow.js';
import { KEY_WORD } from '../flow/tuple.js';
import type { HostPolicy, PolicyNetworks } from '../util/host-policy.js';
import { NetworkTable } from '../util/network-table.js';
import { Overlap } from './overlap.js';

export class HostPolicies {
  /** Whether any of them asks for pieces. */
  readonly needsPieces: boolean;
  private readonly words: Uint32Array;
  private readonly common: Overlap;
  private readonly networks: NetworkTable<Overlap>;

  /** `words`: those of the flows' records. */
  constructor(words: Uint32Array, common: HostPolicy, networks: PolicyNetworks = {}) {
    this.words = words;
    this.common = new Overlap(common);
    const overlaps = Object.entries(networks).map(([network, policy]) => [network, new Overlap(policy)] as const);
    this.networks = new NetworkTable(Object.fromEntries(overlaps));
    this.needsPieces = this.common.needsPieces || overlaps.some(([, { needsPieces }]) => needsPieces);
  }

  /** Of the stream that has this row; `owner` is its flow's index * 2 + its direction. */
  of(row: number, owner: number): Overlap {
    const { networks, words } = this;
    if (networks.isEmpty) return this.common;
    const direction = owner & 1;
    const record = row - COLUMN.toServer - direction * STREAM_WORDS;
    const clientIsLower = (words[record + COLUMN.state] & STATE_BIT.clientIsLower) !== 0;
    const receiverIsLower = (direction === DIRECTION.toServer) !== clientIsLower;
    const version = (words[record + COLUMN.key + KEY_WORD.protocol] >>> 8) & 0xff;
    const address = record + COLUMN.key + (receiverIsLower ? 0 : KEY_WORD.higher);
    return networks.find(words, address, version) ?? this.common;
  }
}
