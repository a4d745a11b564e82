/**
 * Shards that die while the layers of a frame lie in different shards: the frame is counted once whichever of them is
 * lost, no layer is inspected twice, and what the others were given of it is found.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { EngineBench } from '../support/engine-bench.js';
import { ethernet, gre, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { Folder, until } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const RULES = 'alert ip any any -> any any (msg:"a layer"; ttl:>0; sid:1;)\n';
const DEATHS = 4;
const LAYERS = 3;
const BURST = 32;
/** Frames that wait for a shard that is coming back: far fewer than a ring holds, or it would drop them. */
const MOST_WAITING = 1000;

/** Frame number `n`: a datagram in GRE in GRE, each layer between hosts of its own. */
function nested(n: number): Uint8Array {
  const host = `${(n >> 8) & 0xff}.${n & 0xff}`;
  const datagram = ipv4({ src: `10.1.${host}`, dst: '10.9.0.1' }, udp({ srcPort: 1000, dstPort: 53 }, 'ask'));
  const inner = ipv4({ src: `10.2.${host}`, dst: '10.9.0.2' }, gre({}, datagram));
  return vxlan({ vni: 1 }, ethernet({}, ipv4({ src: `10.3.${host}`, dst: '10.9.0.3' }, gre({}, inner))));
}

describe('a shard that dies under nested tunnels', () => {
  let bench: EngineBench;
  afterEach(async () => {
    await bench.engine.close();
  });

  it.each([2, 3])('loses at most the layers of the frame that it was at: any of %i shards', async (workers) => {
    bench = await new EngineBench(folder, RULES, { workers }).start();
    let sent = 0;
    const load = async (bursts: number): Promise<void> => {
      for (let i = 0; i < bursts; i++, sent += BURST) {
        await bench.send(Array.from({ length: BURST }, (_, n) => nested(sent + n)));
        bench.expectBalance();
        await nextTurn();
      }
    };
    for (let death = 0; death < DEATHS; death++) {
      const shard = death % workers;
      const before = bench.engine.shards.restarts[shard]!;
      await load(4);
      const killed = bench.engine.shards.kill(shard);
      await load(4);
      expect(await killed).toBe(true);
      await until('the shard is up again', async () => {
        if (bench.engine.balance().pending < MOST_WAITING) await load(1);
        return bench.engine.shards.restarts[shard] === before + 1 && bench.engine.shards.isUp(shard);
      });
    }
    await until('everything is done', () => bench.engine.balance().pending === 0);
    const events = await bench.stop();
    const { received, inspected, dropped, pending, kernelDropped } = bench.engine.balance();
    expect(received + kernelDropped).toBe(sent);
    expect({ done: inspected + dropped, pending }).toEqual({ done: received, pending: 0 });
    expect(dropped).toBeLessThanOrEqual(DEATHS);
    expect(bench.sink.stats.lost).toBe(0);
    const layers = events.map(({ src_ip }) => src_ip);
    expect(new Set(layers).size).toBe(layers.length);
    expect(layers.length).toBeLessThanOrEqual(LAYERS * received);
    expect(layers.length).toBeGreaterThanOrEqual(LAYERS * (received - DEATHS));
  });
});
