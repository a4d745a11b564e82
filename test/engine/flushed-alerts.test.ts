/** Alerts about what waits in streams when a flow is over: they have the number of the data's last packet. */
import { afterAll, expect, it } from 'vitest';
import { ethernet, ipv4, tcp, TCP_FLAG } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, parseEvents, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const [CLIENT, SERVER] = ['10.0.0.1', '10.0.0.2'];
const segment = (way: '>' | '<', flags: number, seq: number, ack: number, text = ''): { bytes: Uint8Array } => {
  const ends = way === '>' ? { src: CLIENT, dst: SERVER } : { src: SERVER, dst: CLIENT };
  const ports = way === '>' ? { srcPort: 40_000, dstPort: 80 } : { srcPort: 80, dstPort: 40_000 };
  return { bytes: ethernet({}, ipv4(ends, tcp({ ...ports, flags, seq, ack }, text))) };
};

it('alerts at the end of a capture have the number of the last packet of their direction', async () => {
  const { syn, ack } = TCP_FLAG;
  const capture = folder.write(
    'waits.pcap',
    pcapFile([
      segment('>', syn, 1, 0),
      segment('<', syn | ack, 1, 2),
      segment('>', ack, 2, 2),
      segment('<', ack, 2, 2, 'from the server'),
      segment('>', ack, 2, 2, 'from the client'),
      segment('<', ack, 17, 2, ', and more'),
      segment('<', ack, 27, 2, ' of it'),
    ]),
  );
  const rules = folder.write(
    'waits.rules',
    ['client', 'server']
      .map((side, i) => `alert tcp any any -> any any (flow:only_stream; content:"the ${side}"; sid:${i + 1};)`)
      .join('\n'),
  );
  const { stdout, stderr } = await periscope(['read', capture, '--rules', rules]);
  expect(stderr).toBe('');
  const found = parseEvents(stdout).map(({ alert, src_ip, pcap_cnt }) => [alert.signature_id, src_ip, pcap_cnt]);
  expect(found).toEqual([
    [1, CLIENT, 5],
    [2, SERVER, 7],
  ]);
});

it('rules for an application alone alert where it is told at the end of the flow, once for each side', async () => {
  const { syn, ack } = TCP_FLAG;
  const capture = folder.write(
    'told-late.pcap',
    pcapFile([
      segment('>', syn, 1, 0),
      segment('<', syn | ack, 1, 2),
      segment('>', ack, 2, 2),
      segment('>', ack, 2, 2, 'GET / HTTP/1.0\r\n\r\n'),
    ]),
  );
  const headers = [
    'http any any -> any any',
    'http any any -> any 80',
    'smb any any -> any any',
    'tcp any any -> any any',
  ];
  const rules = folder.write(
    'told-late.rules',
    headers.map((header, i) => `alert ${header} (flow:established; sid:${i + 1};)`).join('\n'),
  );
  const { stdout } = await periscope(['read', capture, '--rules', rules]);
  const found = parseEvents(stdout).map(({ alert, src_ip, pcap_cnt }) => [alert.signature_id, src_ip, pcap_cnt]);
  expect(found).toEqual([
    [4, CLIENT, 4],
    [1, SERVER, 2],
    [1, CLIENT, 4],
    [2, CLIENT, 4],
  ]);
});
