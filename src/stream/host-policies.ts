/**
 * Whose way of settling overlaps counts: that of the host that receives the bytes, where the configuration knows its
 * system, else one for all (overlap.ts). Stage: stream.
 *
 * Asked only where bytes overlap. Lists are short and bounded (MAX_POLICY_NETWORKS), and walked, the narrowest network
 * first; nothing is allocated after construction.
 */
import ipaddr from 'ipaddr.js';
import { COLUMN, STATE_BIT, STREAM_WORDS } from '../flow/record.js';
import { DIRECTION } from '../flow/flow.js';
import { KEY_WORD } from '../flow/tuple.js';
import { Overlap, type OverlapPolicy } from './overlap.js';

export const MAX_POLICY_NETWORKS = 64;
/** Network or address, and the policy of its hosts. */
export type PolicyNetworks = Readonly<Record<string, OverlapPolicy>>;

interface Network {
  readonly version: number;
  readonly words: readonly number[];
  readonly masks: readonly number[];
  readonly length: number;
  readonly overlap: Overlap;
}

export class HostPolicies {
  /** Whether any of them asks for pieces. */
  readonly needsPieces: boolean;
  private readonly words: Uint32Array;
  private readonly common: Overlap;
  private readonly networks: readonly Network[];

  /** `words`: those of the flows' records. */
  constructor(words: Uint32Array, common: OverlapPolicy, networks: PolicyNetworks = {}) {
    this.words = words;
    this.common = new Overlap(common);
    this.networks = Object.entries(networks)
      .map(([text, policy]) => networkOf(text, new Overlap(policy)))
      .toSorted((a, b) => b.length - a.length);
    this.needsPieces = this.common.needsPieces || this.networks.some(({ overlap }) => overlap.needsPieces);
  }

  /** Of the stream that has this row; `owner` is its flow's index * 2 + its direction. */
  of(row: number, owner: number): Overlap {
    const { networks, words } = this;
    if (networks.length === 0) return this.common;
    const direction = owner & 1;
    const record = row - COLUMN.toServer - direction * STREAM_WORDS;
    const clientIsLower = (words[record + COLUMN.state] & STATE_BIT.clientIsLower) !== 0;
    const receiverIsLower = (direction === DIRECTION.toServer) !== clientIsLower;
    const version = (words[record + COLUMN.key + KEY_WORD.protocol] >>> 8) & 0xff;
    const address = record + COLUMN.key + (receiverIsLower ? 0 : KEY_WORD.higher);
    for (let i = 0; i < networks.length; i++) {
      if (networks[i].version === version && this.holds(networks[i], address)) return networks[i].overlap;
    }
    return this.common;
  }

  private holds(network: Network, address: number): boolean {
    for (let i = 0; i < network.words.length; i++) {
      if (((this.words[address + i] ^ network.words[i]) & network.masks[i]) !== 0) return false;
    }
    return true;
  }
}

function networkOf(text: string, overlap: Overlap): Network {
  const [address, prefix] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), 128];
  const bytes = address.toByteArray();
  const length = Math.min(prefix, 8 * bytes.length);
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const places = Array.from({ length: bytes.length / 4 }, (_, i) => 4 * i);
  return {
    version: bytes.length === 4 ? 4 : 6,
    words: places.map((at) => view.getUint32(at)),
    masks: places.map((at) => maskOf(length - 8 * at)),
    length,
    overlap,
  };
}

/** The first `bits` of a word. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffff_ffff : (0xffff_ffff << (32 - bits)) >>> 0;
}
