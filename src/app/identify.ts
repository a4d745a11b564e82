/**
 * Which application protocol the first bytes of one side are: all probes are asked, whatever the port. Stage: app.
 *
 * Probes are asked in a fixed order, and one that says "more" holds back those behind it: so what is found does not
 * depend on how the bytes were cut. A port is asked where bytes leave it open, and then tells; else the other side
 * does: what both leave open, and nothing else, is it. Bounds: MOST_BYTES of a side; each probe looks at PROBE_BYTES at
 * most, so that one-byte segments cost a constant each. Allocates nothing.
 */
import { DIRECTION, type Direction } from '../flow/flow.js';
import { isToldBy, portsOf, type ApplicationSettings } from './application-settings.js';
import { applicationId, APPLICATIONS, NOT_KNOWN, type ApplicationName } from './applications.js';
import { ANSWER, type Probe } from './probe/answer.js';
import { probeBittorrent, probeTracker } from './probe/bittorrent.js';
import { probeDhcp, probeDht, probeIke, probeTftp } from './probe/datagrams.js';
import { probeMysql, probePgsql, probeRedis } from './probe/databases.js';
import { probeDcerpc, probeDcerpcDatagram } from './probe/dcerpc.js';
import { probeKrb5, probeKrb5Tcp, probeLdap, probeSnmp } from './probe/directory.js';
import { probeDns, probeDnsTcp, probeMulticastDns } from './probe/dns.js';
import { probeFtp } from './probe/ftp.js';
import { probeHttp, probeHttp2, probeHttpLine } from './probe/http.js';
import { probeDnp3, probeEnip } from './probe/industrial.js';
import { probeImap, probePop3, probeSmtp } from './probe/mail.js';
import { probeModbus } from './probe/modbus.js';
import { probeMqtt } from './probe/mqtt.js';
import { probeNfs, probeNfsTcp } from './probe/nfs.js';
import { probeNtp } from './probe/ntp.js';
import { probeQuic } from './probe/quic.js';
import { probeRdp } from './probe/rdp.js';
import { probeRfb } from './probe/rfb.js';
import { probeSip } from './probe/sip.js';
import { probeSmb } from './probe/smb.js';
import { probeSocks } from './probe/socks.js';
import { probeSsh } from './probe/ssh.js';
import { probeTelnet } from './probe/telnet.js';
import { probeTls } from './probe/tls.js';

/** Bytes of a side that may wait for being told. */
export const MOST_BYTES = 4096;

/** What the bytes of a side are, beside `found`. */
export const LOOK = {
  found: 0,
  /** More bytes tell. */
  more: 1,
  /** `open` has what it may be. */
  open: 2,
  none: 3,
} as const;
export type Look = (typeof LOOK)[keyof typeof LOOK];

type Candidate = readonly [name: ApplicationName, probe: Probe];

/** From what is told best to what is told worst; what looks like another comes before it. At most 32. */
const OVER_TCP: readonly Candidate[] = [
  ['tls', probeTls],
  ['http2', probeHttp2],
  ['sip', probeSip],
  ['http', probeHttp],
  ['ssh', probeSsh],
  ['smb', probeSmb],
  ['dcerpc', probeDcerpc],
  ['rdp', probeRdp],
  ['rfb', probeRfb],
  ['bittorrent', probeBittorrent],
  ['mqtt', probeMqtt],
  ['pgsql', probePgsql],
  ['mysql', probeMysql],
  ['redis', probeRedis],
  ['krb5', probeKrb5Tcp],
  ['ldap', probeLdap],
  ['nfs', probeNfsTcp],
  ['dnp3', probeDnp3],
  ['enip', probeEnip],
  ['dns', probeDnsTcp],
  ['smtp', probeSmtp],
  ['pop3', probePop3],
  ['imap', probeImap],
  ['ftp', probeFtp],
  ['telnet', probeTelnet],
  ['modbus', probeModbus],
  ['socks', probeSocks],
  ['http', probeHttpLine],
];
const OVER_UDP: readonly Candidate[] = [
  ['mdns', probeMulticastDns],
  ['llmnr', probeDns],
  ['quic', probeQuic],
  ['dhcp', probeDhcp],
  ['ike', probeIke],
  ['bittorrent-dht', probeDht],
  ['bittorrent', probeTracker],
  ['sip', probeSip],
  ['krb5', probeKrb5],
  ['ldap', probeLdap],
  ['snmp', probeSnmp],
  ['nfs', probeNfs],
  ['dcerpc', probeDcerpcDatagram],
  ['tftp', probeTftp],
  ['enip', probeEnip],
  ['dns', probeDns],
  ['ntp', probeNtp],
];
/** What differs from DNS by its port alone: that of whoever answers, as anybody may ask from any port. */
const BY_PORT_ALONE: readonly ApplicationName[] = ['mdns', 'llmnr'];
/** Below it ports are those of servers. */
const FIRST_EPHEMERAL = 1024;
/** Of the flags in a header of DNS (RFC 1035, section 4.1.1), in its third byte. */
const IS_ANSWER = 0x80;

class CandidateList {
  readonly count: number;
  readonly ids: Int32Array;
  readonly probes: readonly Probe[];
  readonly ports: readonly (readonly number[])[];
  /** By place: a yes is no more than open, and the port of whoever answers tells. */
  readonly byPort: readonly boolean[];
  private readonly places = new Uint32Array(APPLICATIONS.length + 1);

  constructor(all: readonly Candidate[], transport: 'tcp' | 'udp', settings: ApplicationSettings) {
    const candidates = all.filter(([name]) => isToldBy(settings, name));
    this.count = candidates.length;
    this.ids = Int32Array.from(candidates, ([name]) => applicationId(name));
    this.probes = candidates.map(([, probe]) => probe);
    this.byPort = candidates.map(([name]) => BY_PORT_ALONE.includes(name));
    this.ports = candidates.map(([name]) => portsOf(settings, name, transport));
    this.ids.forEach((id, place) => {
      this.places[id] |= 1 << place;
    });
  }

  hasPort(place: number, port: number, other = port): boolean {
    const ports = this.ports[place];
    return ports.includes(port) || ports.includes(other);
  }

  isPortOf(id: number, port: number): boolean {
    for (let place = 0; place < this.count; place++)
      if (this.ids[place] === id && this.ports[place].includes(port)) return true;
    return false;
  }

  /** The set of an application's places. */
  placesOf(id: number): number {
    return this.places[id];
  }
}

export class Identifier {
  /** The application, where one was found. */
  found = NOT_KNOWN;
  /** A set of candidates (places in the list) that the bytes leave open. */
  open = 0;
  private readonly overTcp: CandidateList;
  private readonly overUdp: CandidateList;
  private list: CandidateList;

  constructor(settings: ApplicationSettings = {}) {
    this.overTcp = new CandidateList(OVER_TCP, 'tcp', settings);
    this.overUdp = new CandidateList(OVER_UDP, 'udp', settings);
    this.list = this.overTcp;
  }

  /** Looks at the first bytes of one side of a stream. `whole`: no more will come. */
  stream(
    bytes: Uint8Array,
    start: number,
    length: number,
    direction: Direction,
    port: number,
    other: number,
    whole: boolean,
  ): Look {
    this.list = this.overTcp;
    return this.look(bytes, start, Math.min(length, MOST_BYTES), direction, port, other, whole || length >= MOST_BYTES);
  }

  /** Looks at the first datagram of one side; `port` is the server's. */
  datagram(bytes: Uint8Array, start: number, length: number, direction: Direction, port: number, other: number): Look {
    this.list = this.overUdp;
    return this.look(bytes, start, length, direction, port, other, true);
  }

  /**
   * Which way bytes from the middle of a connection go, where they begin as one side alone does (a request, an answer);
   * -1 where they do not tell. The port of the side that would be the server's counts, also where the messages of both
   * sides begin alike (EtherNet/IP).
   */
  directionOf(bytes: Uint8Array, start: number, length: number, srcPort: number, dstPort: number): Direction | -1 {
    const { toServer, toClient } = DIRECTION;
    const isRequest = this.stream(bytes, start, length, toServer, dstPort, -1, true) === LOOK.found;
    const asked = this.found;
    const isAnswer = this.stream(bytes, start, length, toClient, srcPort, -1, true) === LOOK.found;
    if (isRequest !== isAnswer) return isRequest ? toServer : toClient;
    if (!isRequest || asked !== this.found) return -1;
    const isToPort = this.overTcp.isPortOf(asked, dstPort);
    if (isToPort === this.overTcp.isPortOf(asked, srcPort)) return -1;
    return isToPort ? toServer : toClient;
  }

  /** Whether what the last look left open may be this application. */
  mayBe(id: number): boolean {
    return (this.open & this.list.placesOf(id)) !== 0;
  }

  /**
   * The one application that both sides leave open, by the list of the last look; NOT_KNOWN where there are several, or
   * none.
   */
  common(open: number, other: number): number {
    const both = open & other;
    return both !== 0 && (both & (both - 1)) === 0 ? this.list.ids[31 - Math.clz32(both)] : NOT_KNOWN;
  }

  private look(
    bytes: Uint8Array,
    start: number,
    length: number,
    direction: Direction,
    port: number,
    other: number,
    whole: boolean,
  ): Look {
    const { list } = this;
    this.found = NOT_KNOWN;
    this.open = 0;
    let waits = false;
    const isAnswer = (bytes[start + 2] & IS_ANSWER) !== 0;
    const answering = isAnswer === (direction === DIRECTION.toClient) ? port : other;
    // What nobody has asked for comes to the port of mDNS from any that is no server's.
    const isUnasked = isAnswer && direction === DIRECTION.toServer && other >= FIRST_EPHEMERAL;
    for (let place = 0; place < list.count; place++) {
      const answer = list.probes[place](bytes, start, length, direction);
      if (answer === ANSWER.no || (answer === ANSWER.more && whole)) continue;
      if (answer === ANSWER.more) {
        waits = true;
        continue;
      }
      const byPort = list.byPort[place];
      const isTold = byPort
        ? list.hasPort(place, answering, isUnasked ? port : answering)
        : answer === ANSWER.yes || list.hasPort(place, port, other);
      if (isTold) {
        if (waits) {
          this.open |= 1 << place;
          return LOOK.more;
        }
        this.found = list.ids[place];
        return LOOK.found;
      }
      if (!byPort) this.open |= 1 << place;
    }
    if (waits) return LOOK.more;
    return this.open === 0 ? LOOK.none : LOOK.open;
  }
}
