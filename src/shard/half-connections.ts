/**
 * Connections that come in two halves, as one mirror session shows one direction and another session the other: each
 * half is a flow of its own then, unless the sessions are of one group (`vni.groups`). Stage: shard; asked when a flow
 * of which one side was seen is over. So the sessions can be named that belong together.
 *
 * A half is remembered as two hashes of its ends, by the low bits of one. A newer one takes the place, so some are not
 * found, which names the sessions all the same. Both halves are in one shard, as routing leaves out the VNI. 9 bytes
 * for each of ENTRIES, and nothing is allocated.
 */
import type { VniTable } from '../counters/vni-table.js';
import { DIRECTION, type Flow } from '../flow/flow.js';
import { hashBytes } from '../util/hash.js';

const ENTRIES = 4096;
const FREE = -1;
const ADDRESS_BYTES = 16;
const SEEDS = [0x2545f491, 0x5bd1e995] as const;

export class HalfConnections {
  private readonly table: VniTable;
  private readonly hashes = new Int32Array(ENTRIES);
  private readonly vnis = new Int32Array(ENTRIES).fill(FREE);
  /** Whether the lower end was heard. */
  private readonly lower = new Uint8Array(ENTRIES);
  /** Both addresses, ports, IP version. */
  private readonly key = new Uint8Array(2 * ADDRESS_BYTES + 5);

  /** @param table counts halves by session, as packets of 0 bytes. */
  constructor(table: VniTable) {
    this.table = table;
  }

  /** Takes in a connection that is over, of which one side was heard; without a mirror session (-1) it is no half. */
  note(flow: Flow): void {
    if (flow.vni < 0) return;
    this.loadKey(flow);
    const at = hashBytes(this.key, 0, this.key.length, SEEDS[0]) & (ENTRIES - 1);
    const hash = hashBytes(this.key, 0, this.key.length, SEEDS[1]);
    const heard = flow.packetsToServer > 0 ? DIRECTION.toServer : DIRECTION.toClient;
    const lower = Number(flow.clientIsLower === (heard === DIRECTION.toServer));
    const other = this.vnis[at];
    if (other !== FREE && other !== flow.vni && this.hashes[at] === hash && this.lower[at] !== lower) {
      this.table.count(other, 0, flow.lastUs);
      this.table.count(flow.vni, 0, flow.lastUs);
      this.vnis[at] = FREE;
      return;
    }
    this.hashes[at] = hash;
    this.vnis[at] = flow.vni;
    this.lower[at] = lower;
  }

  private loadKey(flow: Flow): void {
    const { key } = this;
    const { ports } = flow;
    key.fill(0);
    flow.copyAddress(0, key, 0);
    flow.copyAddress(1, key, ADDRESS_BYTES);
    for (let i = 0; i < 4; i++) key[2 * ADDRESS_BYTES + i] = ports >>> (8 * i);
    key[2 * ADDRESS_BYTES + 4] = flow.ipVersion;
  }
}
