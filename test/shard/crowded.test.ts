/** A shard that parses as many flows, or keeps as many transactions, as it may: who comes is seen all the same. */
import { afterAll, describe, expect, it } from 'vitest';
import type { LayerOptions } from '../../src/app/layer.js';
import { InProcessSensor } from '../property/in-process-sensor.js';
import { dnsQuery } from '../support/application-messages.js';
import { batchOf } from '../support/batch.js';
import { Recording } from '../support/recording.js';
import { Folder } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());
const rules = folder.write(
  'crowded.rules',
  `alert dns any any -> any any (msg:"asked"; dns.query; content:"bad"; sid:1;)
alert http any any -> any any (msg:"asked for"; http.uri; content:"bad"; sid:2;)`,
);

function send({ frames }: Recording, layer: Partial<LayerOptions>) {
  let alerts = 0;
  const sensor = new InProcessSensor({
    rules: [rules],
    shards: 1,
    flowCap: 64,
    midstream: false,
    verifyChecksums: false,
    layer,
    onEvent: () => alerts++,
  });
  for (const frame of frames) {
    sensor.deliver(batchOf([frame]), 1);
    sensor.drain();
  }
  const { crowdedOut, active } = sensor.flows[0].stats;
  sensor.end();
  return { alerts, crowdedOut, active };
}

describe('a crowded shard', () => {
  it('lets the connections give way that were not seen for longest', () => {
    const recording = new Recording();
    for (let i = 0; i < 12; i++) {
      recording.udp(`10.0.0.1:${1000 + i}`, '10.0.0.2:53', dnsQuery('bad.example'));
      recording.wait(1000);
    }
    expect(send(recording, { connections: 4 })).toEqual({ alerts: 12, crowdedOut: 8, active: 4 });
    expect(send(recording, {})).toEqual({ alerts: 12, crowdedOut: 0, active: 12 });
  });

  it('lets the connection give way that has most transactions open, not those that come', () => {
    const recording = new Recording();
    const get = (uri: string): string => `GET /${uri} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const ask = (port: number, uris: readonly string[]): void => {
      const connection = recording.tcp(`10.0.0.1:${port}`, '10.0.0.2:80').open();
      for (const uri of uris) connection.client(get(uri));
    };
    for (let i = 0; i < 6; i++) ask(1000 + i, ['bad']);
    ask(999, Array<string>(9).fill('good'));
    for (let i = 6; i < 12; i++) ask(1000 + i, ['bad']);
    expect(send(recording, { transactions: 16 })).toEqual({ alerts: 12, crowdedOut: 1, active: 12 });
  });
});
