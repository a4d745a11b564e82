/**
 * dns-tunnel.pcap: two tunnels through a resolver (one in TXT records, one in NULL records) between ordinary lookups.
 */
import { DNS_TYPE, dnsQuery, dnsResponse, EDNS_4096_DO, type DnsFields } from '../application-messages.js';
import { concat } from '../packet-builder.js';
import { Recording } from '../recording.js';
import { ATTACKER, noise, OUTSIDE_RESOLVER, WORKSTATION } from './actors.js';

const RESOLVER = `${OUTSIDE_RESOLVER}:53`;
const hexText = (length: number, seed: number): string => Buffer.from(noise(length / 2, seed)).toString('hex');

function lookup(
  recording: Recording,
  port: number,
  name: string,
  answer: Uint8Array | readonly number[] | undefined,
  fields: DnsFields = {},
): void {
  const client = `${WORKSTATION}:${port}`;
  const responseCode = answer === undefined ? 3 : 0;
  recording.udp(client, RESOLVER, dnsQuery(name, { id: port, ...fields })).wait(18);
  recording
    .udp(RESOLVER, client, dnsResponse(name, answer, { id: port, type: fields.type ?? DNS_TYPE.a, responseCode }))
    .wait(30);
}

/** Every message is a label of 60 hexadecimal digits; what comes back is one TXT string. */
function txtTunnel(recording: Recording): void {
  for (let i = 0; i < 60; i++) {
    const reply = hexText(80, 900 + i);
    lookup(recording, 41000 + i, `${hexText(60, 100 + i)}.t.tunnel.example`, concat([reply.length], reply), {
      type: DNS_TYPE.txt,
    });
    recording.wait(150);
  }
}

function nullTunnel(recording: Recording): void {
  for (let i = 0; i < 12; i++) {
    lookup(recording, 43000 + i, `z${hexText(24, 300 + i)}.n.tunnel.example`, noise(96, 500 + i), {
      type: DNS_TYPE.null,
      additional: EDNS_4096_DO,
    });
    recording.wait(80);
  }
}

export function dnsTunnel(): Recording {
  const recording = new Recording();
  lookup(recording, 40001, 'www.shop.example', [192, 0, 2, 80]);
  lookup(recording, 40002, 'dns.google', [192, 0, 2, 8]);
  lookup(recording, 40003, 'dnscat.01f2a80100c0ffee', concat([14], 'dnscat.01f2a801'), { type: DNS_TYPE.txt });
  txtTunnel(recording);
  lookup(recording, 40004, 'mail.shop.example', [192, 0, 2, 25]);
  nullTunnel(recording);
  for (let i = 0; i < 6; i++) lookup(recording, 44000 + i, `xkqzvbtrw${i}plmhj.top`, undefined);
  lookup(recording, 40005, 'static.rebind.example', [169, 254, 169, 254]);
  const version = dnsQuery('version.bind', { type: DNS_TYPE.txt, class: 3, id: 7 });
  return recording.udp(`${ATTACKER}:40900`, `${WORKSTATION}:53`, version);
}
