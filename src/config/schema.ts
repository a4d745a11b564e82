/** The only list of settings. The table in the operations manual is made from it. */
import { z } from 'zod';
import { DEFRAG_SETTINGS } from './defrag-settings.js';
import { MIRROR_SETTINGS } from './mirror-settings.js';
import { TRANSACTION_EVENTS } from '../app/applications.js';
import { DIGEST_NAMES } from '../app/file/digests.js';
import { FILE_EVENT } from '../app/file/eve.js';
import { HTTP1_DEFAULTS } from '../app/http1/settings.js';
import { ENCRYPTION_HANDLINGS } from '../app/tls/encryption-handling.js';
import { DEFAULT_TUNNEL_PORTS } from '../decode/tunnel-ports.js';
import { DEFAULT_FLOW_TIMEOUTS } from '../flow/timeouts.js';
import { URGENT_POLICIES } from '../stream/urgent.js';
import { DEFAULT_REASSEMBLY } from '../stream/reassembly-options.js';
import { defaultWorkers } from '../util/container-limits.js';
import { FACILITIES } from '../util/destination.js';
import { HOST_POLICIES } from '../util/host-policy.js';
import {
  ADDRESS_ALLOWED,
  addresses,
  bytes,
  choice,
  choices,
  count,
  described,
  destinations,
  eventFields,
  expressions,
  filterNetworks,
  filterNumbers,
  flag,
  hostPolicies,
  isAddress,
  map,
  MIB,
  paths,
  ports,
  protocols,
  seconds,
  tenants,
  text,
  vniGroups,
  vniNames,
  secret,
} from './setting-types.js';
import { UPDATE_SETTINGS } from './update-settings.js';

const timeouts = DEFAULT_FLOW_TIMEOUTS;

export const SCHEMA = z.object({
  listen: addresses(
    ['0.0.0.0:4789'],
    'Where VXLAN datagrams arrive. `[::]` takes IPv4, too, unless an IPv4 address is listed with the same port.',
  ),
  geneve: z.object({
    listen: addresses([], 'Where GENEVE datagrams of a Gateway Load Balancer arrive (UDP 6081); nowhere when empty.'),
  }),
  admin: described(
    z
      .string()
      .refine((value) => value === 'off' || isAddress(value))
      .default('0.0.0.0:9789'),
    {
      doc: 'Where /metrics, /healthz and /readyz are served; `off` for nowhere.',
      allowed: `${ADDRESS_ALLOWED}, or off`,
    },
  ),
  adminToken: secret(
    'What `POST /-/reload` on the admin port must bring (`Authorization: Bearer …`); without it there is no such request.',
  ),
  adminTls: z.object({
    certificate: text(
      '',
      'PEM file of the certificate for TLS on the admin port; without it there is no TLS. Read again at a reload, and when it changes.',
      'a path',
    ),
    key: text('', 'PEM file of its key.', 'a path'),
  }),
  workers: count(
    defaultWorkers(),
    1,
    256,
    'Shards: threads that inspect packets. The processors of a container are its CPU quota, rounded down.',
    'processors - 1, at least 1',
  ),
  sockets: count(1, 1, 64, 'Sockets, each with a thread, for every address in `listen`.'),
  receiveMethod: choice(
    ['auto', 'dgram'],
    'auto',
    "How datagrams are received: `auto` takes recvmmsg where it can be called, else Node's dgram, which does not tell where a datagram was sent to: `tunnel.dest_ip` then is the address listened on.",
  ),
  receiveBufferBytes: bytes(
    16 * MIB,
    4096,
    'Receive buffer asked for per socket; the kernel grants at most net.core.rmem_max.',
  ),
  rules: paths('Rule files, directories and globs.'),
  allowWorldWritableRules: flag(
    false,
    'Load rule files that everybody on the machine may write to; else they are refused.',
  ),
  sensor: text('', 'Name of the sensor, in events as `host`.', 'a name'),
  vni: z.object({
    names: vniNames(
      'Names of mirror sessions, in events as `tunnel.name` and in `periscope_vni_info`: `{42: shop, 43: billing}`.',
    ),
    groups: vniGroups(
      'Mirror sessions that show the same connections, as both ends are mirrored: they share flows, and a packet that several of them show within a second is inspected once: `{shop: [42, 43]}`.',
    ),
    tenants: tenants(
      'Mirror sessions whose rules are read with variables of their own; those not given are the common ones: ' +
        '`{shop: {vnis: [42, 43], vars: {HOME_NET: 10.1.0.0/16}}}`. Thresholds are read with the common ones.',
    ),
  }),
  mirror: MIRROR_SETTINGS,
  vars: map('Rule variables such as HOME_NET; one alone as `vars.HOME_NET`.'),
  thresholdFile: text('', 'Thresholds and suppressions, in the syntax of threshold.config.', 'a path'),
  classificationFile: text('', 'classification.config; the built-in classes when empty.', 'a path'),
  referenceFile: text('', 'reference.config; the built-in reference systems when empty.', 'a path'),
  geoip: z.object({
    database: text(
      '',
      'MaxMind DB file with countries, for `geoip`; read when rules that ask for countries are loaded.',
      'a path',
    ),
  }),
  reputation: z.object({
    categories: text(
      '',
      'Names of the categories of reputations, for `iprep`: lines of number, name, description.',
      'a path',
    ),
    files: paths('Reputations, for `iprep`: lines of address or network, number of the category, score.'),
  }),
  datasets: z.object({
    directory: text(
      '',
      'Where the files of datasets are that are not beside their rules, and those that a sensor writes (`state`, `save`); nothing is written when empty.',
      'a path',
    ),
    bytes: bytes(
      16 * MIB,
      65_536,
      'All datasets that rules change (`set`, `unset`); then new values are refused and counted.',
    ),
    allowAbsolutePaths: flag(
      false,
      'Let rules name files of datasets by absolute paths and outside of their directory, to read and to write.',
    ),
  }),
  cache: z.object({
    directory: text(
      '',
      'Where compiled rule sets are kept, so that the next start need not read the rules; nowhere when empty. `periscope check --cache` fills it beforehand, as for a read-only root.',
      'a path',
    ),
  }),
  decode: z.object({
    vxlanPorts: ports(
      DEFAULT_TUNNEL_PORTS.vxlanPorts,
      'UDP destination ports of VXLAN within captures and mirrored traffic; 8472 is what flannel, Cilium and older Linux use.',
    ),
    genevePorts: ports(
      DEFAULT_TUNNEL_PORTS.genevePorts,
      'UDP destination ports of GENEVE within captures and mirrored traffic.',
    ),
  }),
  filter: z.object({
    vnis: filterNumbers(2 ** 24 - 1, 'Mirror sessions that are not inspected.'),
    protocols: filterNumbers(255, 'IP protocols, by number, that are not inspected.'),
    ports: filterNumbers(65_535, 'Ports, of either end, of which TCP, UDP and SCTP are not inspected.'),
    addresses: filterNetworks('Networks and addresses, of either end, that are not inspected.'),
  }),
  checksums: choice(
    ['verify', 'ignore'],
    'ignore',
    "`verify` keeps TCP packets with a wrong checksum out of the connection's state and counts wrong checksums.",
  ),
  eve: z.object({
    file: text('-', 'Event file; `-` for stdout, `off` for none, where `eve.outputs` has others.', 'a path, - or off'),
    rotate: z.object({
      bytes: bytes(
        0,
        0,
        'A sensor moves its event file away, to `FILE.20261126T103439Z`, before it grows larger; 0 for never.',
      ),
      seconds: count(0, 0, 31_536_000, 'The same for each period of so many seconds (UTC), as 86400 for days.'),
      keep: count(10, 0, 100_000, 'Files moved away that are kept, besides the one that is written.'),
    }),
    outputs: destinations(
      'Where events go besides: `unix:/run/vector.sock`, `tcp://collector:5170`, `tls://collector:6514` take lines of JSON, ' +
        '`syslog+tcp://`, `syslog+tls://` and `syslog+unix:` messages of RFC 5424, counted in octets. Each has a buffer of ' +
        '`eve.bufferBytes` and connects again by itself.',
    ),
    tls: z.object({
      ca: text(
        '',
        'PEM file of who signs the certificates of `tls` outputs; the authorities that Node knows when empty.',
        'a path',
      ),
      certificate: text('', 'PEM file of the certificate that the sensor shows to `tls` outputs.', 'a path'),
      key: text('', 'PEM file of its key.', 'a path'),
    }),
    syslogFacility: choice(
      Object.keys(FACILITIES) as (keyof typeof FACILITIES)[],
      'local5',
      'Facility of messages of syslog; their severity follows from that of the rule.',
    ),
    types: choices(
      ['alert', 'flow', 'anomaly', 'stats', FILE_EVENT, ...TRANSACTION_EVENTS],
      ['alert'],
      'Events that are written: `flow` is one for each flow at its end, `anomaly` one for each fault of a header, each ' +
        'odd TCP segment and each thing that a message raises, `stats` the counters, `fileinfo` one for each file that an application has carried; the ' +
        'others, named after protocols, one for each of their transactions. ' +
        'Alerts that are not written are counted all the same.',
    ),
    fileDigests: choices(
      DIGEST_NAMES,
      ['sha256'],
      'Digests of files that `fileinfo` events show; a file is read to its end for them.',
    ),
    anomaliesPerSecond: count(100, 1, 1_000_000, 'Events of anomalies in a second; more are counted alone.'),
    statsSeconds: count(
      10,
      1,
      86_400,
      'Time between two events with counters, in seconds; for captures there is one, at the end.',
    ),
    payload: flag(
      false,
      'Write into alerts, in base64, the payload that the rule has matched: that of the packet, the range of the stream, ' +
        "or what lies beside the transaction. Mirrored traffic is other people's data.",
    ),
    payloadPrintable: flag(false, 'The same as text, with dots for what cannot be printed.'),
    httpBody: flag(
      false,
      'Write into alerts of HTTP the bodies of request and response, in base64: the first 4096 bytes.',
    ),
    httpBodyPrintable: flag(false, 'The same as text, with dots for what cannot be printed.'),
    xff: z.object({
      mode: choice(
        ['off', 'extra-data', 'overwrite'],
        'off',
        'Whom a proxy speaks for, in alerts, `http` and `fileinfo` events of HTTP: `extra-data` writes the address as ' +
          "`xff`, `overwrite` instead of the client's.",
      ),
      header: text('X-Forwarded-For', 'The header that says so.', 'the name of a header'),
      takes: choice(
        ['last', 'first'],
        'last',
        'Which of its addresses counts: that which the proxy before the server has added, or the first.',
      ),
      proxies: filterNetworks('Clients whose header is believed; all when empty.'),
    }),
    matches: flag(
      false,
      'Write into alerts where the contents and expressions of their rule were found: buffer, offset and length.',
    ),
    ethernet: flag(false, 'Write MAC addresses into events.'),
    packet: flag(false, 'Write packets into events.'),
    taggedPackets: flag(
      true,
      'Write an event for each packet that a rule with `tag` asks for; the packet itself is in it with `eve.packet`.',
    ),
    communityId: flag(false, 'Write the Community ID of flows into events.'),
    bufferBytes: bytes(
      8 * MIB,
      65_536,
      'Events held back while what reads them is slow; beyond it they are dropped and counted.',
    ),
  }),
  evidence: z.object({
    directory: text(
      '',
      'Where the packets of flows that alert are written, a pcapng file for each flow, without the tunnel of the mirror; ' +
        "nowhere when empty. Alerts name their file (`capture_file`). Mirrored traffic is other people's data.",
      'a path',
    ),
    bytes: bytes(
      16 * MIB,
      65_536,
      'What each shard keeps of the latest packets, so that a file begins before its alert; taken only with a directory.',
    ),
    fileBytes: bytes(16 * MIB, 65_536, 'Packets in one file at most; what comes behind them is left out.'),
    totalBytes: bytes(1024 * MIB, MIB, 'All files in the directory, 65 536 at most; beyond it the oldest are removed.'),
  }),
  redact: z.object({
    patterns: expressions(
      'What matches is written over with X in events, and in the packets of evidence: `["[0-9]{13,19}"]`.',
    ),
    fields: eventFields('Members of events whose texts are left out, by their dotted names.'),
  }),
  fileStore: z.object({
    directory: text(
      '',
      'Where files are stored that rules with `filestore` want, named by their SHA-256; nowhere when empty. They are ' +
        "other people's data, and some are malicious.",
      'a path',
    ),
    fileBytes: bytes(16 * MIB, 1, 'Size of a file at most; one that is larger is not stored.'),
    files: count(10_000, 1, 100_000_000, 'Files in the directory; then nothing more is stored.'),
    bytes: bytes(1024 * MIB, 1, 'Bytes of all files in the directory, likewise.'),
  }),
  http: z.object({
    uri: z.object({
      backslashes: flag(HTTP1_DEFAULTS.uri.backslashes, 'Backslashes in the path are slashes.'),
      unicode: flag(HTTP1_DEFAULTS.uri.unicode, '`%u0041` is decoded.'),
      twiceInPath: flag(HTTP1_DEFAULTS.uri.twiceInPath, 'What escapes hide in the path (`%2541`) is decoded as well.'),
      twiceInQuery: flag(HTTP1_DEFAULTS.uri.twiceInQuery, 'The same in the query.'),
      plus: flag(HTTP1_DEFAULTS.uri.plus, '`+` in the query is a blank.'),
    }),
  }),
  hostPolicies: hostPolicies(
    'What these hosts make of segments and fragments that overlap: `{10.1.0.0/16: linux, 10.1.9.9: windows}`; the narrowest ' +
      'network counts. `windows` is up to 2003, `vista` newer; `old-linux` up to 4.18.',
  ),
  stream: z.object({
    midstream: flag(
      true,
      'Take up TCP connections whose start was not seen, or of which one side is seen. Which side is the client is told by ' +
        'what the first segment says, else by the ports.',
    ),
    policy: choice(
      HOST_POLICIES,
      'first',
      'Which bytes count where segments of TCP overlap, for hosts not in `hostPolicies`: those that came first, last, or as that system has it.',
    ),
    urgent: choice(
      URGENT_POLICIES,
      'inline',
      'What an urgent byte of TCP is: `inline` a byte like any other, `oob` no part of the stream, as for receivers that do not ask for it, `gap` missing in it.',
    ),
    depth: bytes(
      DEFAULT_REASSEMBLY.depthBytes,
      0,
      'Bytes of each direction of a connection in which contents are looked for across segments; 0 for all. Beyond it they ' +
        'are looked for in each segment by itself, and applications are parsed as before.',
    ),
    unacked: bytes(
      DEFAULT_REASSEMBLY.unackedBytes,
      0,
      'Bytes of a direction that wait for their acknowledgement at most before they are inspected.',
    ),
    memory: bytes(
      128 * MIB,
      MIB,
      'What all shards together keep of streams and of what applications said; it is split among them.',
    ),
  }),
  tls: z.object({
    encryptionHandling: choice(
      ENCRYPTION_HANDLINGS,
      'track-only',
      'What becomes of a TLS connection from its first encrypted data on: `track-only`, its payload is not inspected, ' +
        'and rules that ask for none go on; `bypass`, nothing of it is inspected; `full`, it is inspected like any other, ' +
        'which costs most.',
    ),
  }),
  protocols: protocols(
    'Application protocols, one by one: whether they are told and parsed (`detection-only`: told alone), ports that tell ' +
      'where bytes leave it open, open transactions of a connection, and bytes of bodies that are inspected: ' +
      '`{smb: {enabled: detection-only}, http: {ports: [80, 8000], responseBody: 32KiB}}`.',
  ),
  flow: z.object({
    vni: flag(true, 'Keep flows and hosts of different mirror sessions apart.'),
    vlan: flag(
      true,
      'Keep flows of different VLANs apart, so that their addresses may overlap; not where the two directions of a ' +
        'connection come with different tags. Thresholds and bits of hosts go by address in all of them.',
    ),
    bypassBytes: bytes(
      0,
      0,
      'Bytes of a flow, of both directions, after which it is passed over: its packets are counted, and neither put ' +
        'together nor inspected. For large transfers that take the place of everything else; 0 for never.',
    ),
    cap: count(131_072, 1, 16_777_216, 'Flows per shard; then the least recently seen gives way.'),
    tcp: z.object({
      newSeconds: seconds(timeouts.tcp.newSeconds, 'Idle time that ends a TCP flow without handshake.'),
      establishedSeconds: seconds(timeouts.tcp.establishedSeconds, 'Idle time that ends an established TCP flow.'),
      closedSeconds: seconds(timeouts.tcp.closedSeconds, 'Idle time that ends a TCP flow after FIN or RST.'),
    }),
    udp: flowTimeouts('a UDP', timeouts.udp),
    icmp: flowTimeouts('an ICMP', timeouts.icmp),
    other: flowTimeouts('any other', timeouts.other),
  }),
  defrag: DEFRAG_SETTINGS,
  patterns: z.object({
    bytes: bytes(
      16 * MIB,
      65_536,
      'Room of each shard for the pattern tables and literals of one rule set; it has room for two. Taken as it is used; rules that do not fit are refused.',
    ),
  }),
  ring: z.object({ bytes: bytes(8 * MIB, MIB, 'Ring from each socket to each shard.') }),
  overload: z.object({
    ringPercent: count(
      50,
      1,
      100,
      'Fill of a ring from which on flows are refused, new ones first, so that those that are left stay whole; 100 ' +
        'drops packets of any flow instead, where a ring is full.',
    ),
  }),
  candidates: z.object({ bytes: bytes(4 * MIB, 65_536, 'Ring of alerts from each shard.') }),
  thresholds: z.object({
    cap: count(
      65_536,
      1,
      16_777_216,
      'Hosts, pairs and flows under a threshold; then the least recently seen gives way.',
    ),
  }),
  tags: z.object({
    hosts: count(
      4096,
      16,
      1_048_576,
      'Tags of hosts (`tag:host`) at a time; then the one that has waited longest for a packet gives way.',
    ),
  }),
  reload: z.object({
    pollSeconds: seconds(
      30,
      'How often rule files and the configuration file are looked at; once they have changed and are at rest, they are loaded. 0 for never.',
    ),
    maxFailedPercent: count(
      10,
      0,
      100,
      'A reload is refused when a larger share of its rules fails than this, and than of the rules in use.',
    ),
  }),
  update: UPDATE_SETTINGS,
  watchdog: z.object({
    stallSeconds: seconds(
      10,
      'A shard that finishes no packet for so long is replaced; the second time at the same rule, that is taken out.',
    ),
  }),
  shutdown: z.object({ drainSeconds: seconds(10, 'How long a sensor goes on receiving after SIGTERM.') }),
  log: z.object({
    level: choice(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'info',
      'Least severity that is logged.',
    ),
  }),
  metrics: z.object({
    vniCap: count(
      500,
      1,
      100_000,
      'Mirror sessions with metrics of their own, for each receiving thread; the rest are `other`.',
    ),
    vniForgetSeconds: count(
      21_600,
      60,
      2_592_000,
      'A mirror session that has brought nothing for so long has no metrics any more.',
    ),
    topRules: count(
      0,
      0,
      1000,
      'Rules that have a metric of their own, in the order of their first alerts; the rest are `other`.',
    ),
    dearRules: count(
      0,
      0,
      100,
      'Rules whose time is shown, the dearest first: of one look at a rule in 64 the time is taken.',
    ),
  }),
});

function flowTimeouts(what: string, initial: { newSeconds: number; establishedSeconds: number }) {
  return z.object({
    newSeconds: seconds(initial.newSeconds, `Idle time that ends ${what} flow seen in one direction.`),
    establishedSeconds: seconds(
      initial.establishedSeconds,
      `Idle time that ends ${what} flow seen in both directions.`,
    ),
  });
}

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
export type Config = DeepReadonly<z.infer<typeof SCHEMA>>;
