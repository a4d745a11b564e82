/** Random talks of small protocols in binary, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import { concat, u16, u32, type Payload } from '../../support/packet-builder.js';
import { der } from '../support/certificates.js';
import { frame as dnp3Frame } from '../support/dnp3-messages.js';
import * as ike from '../support/ike-messages.js';
import * as krb5 from '../support/krb5-messages.js';
import { message as mqttMessage, text } from '../support/mqtt-messages.js';
import * as nfs from '../support/nfs-messages.js';
import { LABELS, nameOf, type Chance, type Talk } from './chance.js';
import { inPieces } from './pieces.js';
import { oneOf, rulesOver, upTo } from './rules.js';

type Parts = Payload[];
type Step = readonly [asked: Uint8Array, answered: Uint8Array];
const datagrams = (port: number, steps: readonly Step[], more: Partial<Talk> = {}): Talk => ({
  serverPort: port,
  udp: true,
  said: steps.flatMap(([asked, answered]): Said[] => [
    ['>', asked],
    ['<', answered],
  ]),
  ...more,
});
const stream = (chance: Chance, port: number, steps: readonly Step[]): Talk => ({
  serverPort: port,
  said: inPieces(
    chance,
    steps.flatMap(([asked, answered]): Said[] => [...told('>', asked), ...told('<', answered)]),
    2,
  ),
});
const told = (side: '>' | '<', bytes: Uint8Array): Said[] => (bytes.length === 0 ? [] : [[side, bytes]]);
const some = (chance: Chance, make: () => Step): Step[] => [make(), ...chance.some(3, make)];
/** Talks of one step or more, each by itself. */
const streams =
  (port: number, step: (chance: Chance) => Step) =>
  (chance: Chance): Talk =>
    stream(
      chance,
      port,
      some(chance, () => step(chance)),
    );
const nothing = new Uint8Array();

// ------------------------------------------------------------------------------------------------- industrial

const modbus = (chance: Chance): Step => {
  const id = chance.below(60_000);
  const message = (...parts: Parts): Uint8Array => {
    const body = concat([1 + chance.below(1)], ...parts);
    return concat(u16(id), u16(0), u16(body.length), body);
  };
  const [at, count] = [u16(chance.below(20)), 1 + chance.below(3)];
  return chance.one([
    [message([3], at, u16(count)), message([3, 2 * count], new Uint8Array(2 * count))],
    [message([1], at, u16(8)), message([1, 1, 7])],
    [message([6], at, u16(chance.below(9))), message([6], at, u16(0))],
    [message([16], at, u16(1), [2], u16(chance.below(9))), message([16], at, u16(1))],
    [message([5], at, u16(0xff00)), message([0x85, 2])],
    [message([8], at, u16(0)), message([8], at, u16(0))],
  ] as const);
};
const modbusTalk = streams(502, modbus);
const modbusRule = rulesOver('modbus', [
  ['modbus', (chance) => `function ${chance.one(['1', '3', '5', '6', '16', 'assigned', '!assigned'])}`, true],
  ['modbus', (chance) => `access ${chance.one(['read', 'write', 'read coils', 'write holding'])}`, true],
  ['modbus', (chance) => `access write holding, address ${chance.below(20)}, value <${chance.below(9)}`, true],
  ['modbus', (chance) => `access read holding, address ${chance.below(9)}<>${10 + chance.below(9)}`, true],
  [
    'modbus',
    (chance) => `access ${chance.one(['read', 'write'])}, address ${chance.one(['<', '>', ''])}${chance.below(20)}`,
    true,
  ],
  ['modbus', (chance) => `function 8, subfunction ${chance.below(4)}`, true],
  ['modbus', (chance) => `unit ${1 + chance.below(2)}`, true],
]);

const dnp3 = (chance: Chance): Step => {
  const sequence = chance.below(15);
  const asked = chance.one([
    [1, 60, 2, 6],
    [2, 50, 1, 7, 1, 1, 2, 3, 4, 5, 6],
    [5, 12, 1, 40, 1, 0, 1, 0, 3, 1, 100, 0, 0, 0, 100, 0, 0, 0, 0],
    [13, 60, 1, 6],
  ]);
  const answered = chance.one([[], [30, 2, 0, 0, 0, 1, 16, 0], [1, 1, 0, 0, 3, 5]]);
  const indications = [1 + chance.below(255), chance.below(16)];
  return [
    dnp3Frame(0xc4, 1, 2, concat([0xc0, 0xc0 | sequence], asked)),
    dnp3Frame(0x44, 1, 2, concat([0xc0, 0xc0 | sequence, 129], indications, answered)),
  ];
};
const dnp3Talk = streams(20_000, dnp3);
const dnp3Rule = rulesOver('dnp3', [
  ['dnp3_func', oneOf('read', 'write', 'direct_operate', 'response', '13'), true],
  ['dnp3_ind', oneOf('need_time', 'class_1_events', 'device_restart,local_control', 'parameter_error'), true],
  ['dnp3_obj', oneOf('60,2', '50,1', '12,1', '30,2', '1,1'), true],
]);

const le16 = (value: number): number[] => [value & 255, value >>> 8];
const enip = (chance: Chance): Step => {
  const message = (command: number, status: number, ...parts: Parts): Uint8Array => {
    const body = concat(...parts);
    return concat(le16(command), le16(body.length), [1, 0, 0, 0, status, 0, 0, 0], new Uint8Array(12), body);
  };
  const item = (body: Uint8Array): Uint8Array =>
    concat(new Uint8Array(6), [2, 0, 0, 0, 0, 0, 0xb2, 0], le16(body.length), body);
  const path = [0x20, chance.below(9), 0x24, chance.below(5), 0x30, chance.below(8)];
  const service = chance.one([1, 0x0e, 0x10, 0x4c]);
  return chance.one([
    [message(0x65, 0, [1, 0, 0, 0]), message(0x65, 0, [1, 0, 0, 0])],
    [
      message(0x6f, 0, item(concat([service, 3], path))),
      message(0x6f, 0, item(concat([service | 0x80, 0, chance.below(6), 0], [1, 2]))),
    ],
  ] as const);
};
const enipTalk = streams(44_818, enip);
const enipRule = rulesOver('enip', [
  ['enip_command', oneOf('101', '111', '99'), true],
  ['enip.status', oneOf('0', '1'), true],
  ['enip.protocol_version', oneOf('1', '2'), true],
  ['enip.cip_class', upTo(9), true],
  ['enip.cip_instance', upTo(5), true],
  ['enip.cip_attribute', upTo(8), true],
  ['enip.cip_status', upTo(6), true],
  ['cip_service', (chance) => String(chance.one([1, 14, 16, 76])), true],
  [
    'cip_service',
    (chance) => `${chance.one([1, 14, 16, 76])},${1 + chance.below(3)},${chance.one(['', '!'])}${1 + chance.below(3)}`,
    true,
  ],
]);

// ---------------------------------------------------------------------------------------------------- messages

const mqtt = (chance: Chance): Step => {
  const id = u16(1 + chance.below(99));
  const topic = text(`${chance.one(LABELS)}/${chance.one(LABELS)}`);
  return chance.one([
    [mqttMessage(0x82, id, topic, [1]), mqttMessage(0x90, id, [1])],
    [mqttMessage(0x32, topic, id, chance.one(LABELS)), mqttMessage(0x40, id)],
    [mqttMessage(0x30, topic, chance.one(LABELS)), nothing],
    [mqttMessage(0xa2, id, topic), mqttMessage(0xb0, id)],
    [mqttMessage(0xc0), mqttMessage(0xd0)],
  ] as const);
};
const mqttTalk = (chance: Chance): Talk => {
  const fields = [text('MQTT'), [4, 0xc2], u16(60), text(chance.one(LABELS)), text('alice'), text('secret')];
  const connect = mqttMessage(0x10, ...fields);
  return stream(chance, 1883, [
    [connect, Uint8Array.from([0x20, 2, 0, chance.below(2)])],
    ...some(chance, () => mqtt(chance)),
  ]);
};
const mqttRule = rulesOver('mqtt', [
  ['mqtt.connect.clientid', oneOf(...LABELS)],
  ['mqtt.connect.username', oneOf('alice', 'bob')],
  ['mqtt.connect.password', oneOf('secret')],
  ['mqtt.publish.topic', oneOf('evil/', 'www/a', 'login')],
  ['mqtt.publish.message', oneOf(...LABELS)],
  ['mqtt.subscribe.topic', oneOf('evil/', 'www/a', 'login')],
  ['mqtt.unsubscribe.topic', oneOf('evil/', 'www/a', 'login')],
  ['mqtt.type', oneOf('CONNECT', 'PUBLISH', 'SUBSCRIBE', 'PINGREQ'), true],
  ['mqtt.qos', oneOf('0', '1'), true],
  ['mqtt.protocol_version', oneOf('4', '5'), true],
]);

const ldap = (chance: Chance, id: number): Step => {
  const message = (operation: Uint8Array): Uint8Array => der(0x30, [2, 1, id], operation);
  const name = `cn=${chance.one(LABELS)},dc=example`;
  const result = (tag: number): Uint8Array =>
    message(der(tag, [10, 1, chance.one([0, 32, 49])], der(4, ''), der(4, chance.one(LABELS))));
  const entry = message(der(0x64, der(4, name), der(0x30, der(0x30, der(4, 'mail'), der(0x31, der(4, 'x'))))));
  const search = concat(der(4, name), [10, 1, 2, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0], der(0x87, 'objectClass'));
  return chance.one([
    [message(der(0x60, [2, 1, 3], der(4, name), der(0x80, 'secret'))), result(0x61)],
    [message(der(0x63, search, der(0x30, der(4, 'cn'), der(4, 'mail')))), concat(entry, result(0x65))],
    [message(der(0x4a, name)), result(0x6b)],
  ] as const);
};
const ldapTalk = (chance: Chance): Talk => {
  let id = 1;
  return stream(
    chance,
    389,
    some(chance, () => ldap(chance, id++)),
  );
};
const ldapRule = rulesOver('ldap', [
  ['ldap.request.operation', oneOf('bind_request', 'search_request', 'del_request'), true],
  ['ldap.request.dn', oneOf('cn=evil', 'cn=www,dc=example', 'example')],
  ['ldap.request.attribute_type', oneOf('cn', 'mail')],
  ['ldap.responses.operation', oneOf('bind_response', 'search_result_entry', 'search_result_done'), true],
  ['ldap.responses.count', oneOf('1', '2', '>1'), true],
  ['ldap.responses.dn', oneOf('cn=evil', 'cn=www')],
  ['ldap.responses.result_code', oneOf('success', 'no_such_object', 'invalid_credentials'), true],
  ['ldap.responses.message', oneOf(...LABELS)],
  ['ldap.responses.attribute_type', oneOf('mail')],
]);

const snmpTalk = (chance: Chance): Talk => {
  const community = chance.one(['public', 'private', 'evil']);
  const version = chance.below(2);
  return datagrams(
    161,
    some(chance, () => {
      const message = (tag: number): Uint8Array => {
        const oid = der(0x30, der(6, [43, 6, 1, 2, 1, 1 + chance.below(5)]), [5, 0]);
        return der(0x30, [2, 1, version], der(4, community), der(tag, [2, 1, 9, 2, 1, 0, 2, 1, 0], der(0x30, oid)));
      };
      return [message(0xa0 + chance.below(2)), message(0xa2)];
    }),
  );
};
const snmpRule = rulesOver('snmp', [
  ['snmp.community', oneOf('public', 'private', 'evil')],
  ['snmp.version', oneOf('1', '2', '3'), true],
  ['snmp.pdu_type', oneOf('0', '1', '2'), true],
]);

const dhcpTalk = (chance: Chance): Talk => {
  const message = (op: number, ...options: Parts): Uint8Array =>
    concat([op, 1, 6, 0], u32(7), new Uint8Array(228), [0x63, 0x82, 0x53, 0x63], ...options, [255]);
  const answer = (): Uint8Array =>
    message(
      2,
      [53, 1, 5, 51, 4],
      u32(chance.below(99)),
      [58, 4],
      u32(chance.below(99)),
      [59, 4],
      u32(chance.below(99)),
    );
  return datagrams(
    67,
    some(chance, () => [message(1, [53, 1, 1]), answer()]),
    { clientPort: 68 },
  );
};
const dhcpRule = rulesOver('dhcp', [
  ['dhcp.leasetime', upTo(99), true],
  ['dhcp.renewal_time', upTo(99), true],
  ['dhcp.rebinding_time', upTo(99), true],
]);

const TFTP_MODES = ['octet', 'octet', 'netascii', 'mail', 'OCTET', 'NetAscii'];
/** Requests of one client, some with options (RFC 2347); what a server answers from its port are errors. */
const tftpTalk = (chance: Chance): Talk => {
  const request = (): Uint8Array => {
    const name = chance.one([...LABELS, 'startup-config', 'dir/evil.bin']);
    const options = chance.often(30) ? `blksize\0${512 + chance.below(900)}\0tsize\x000\0` : '';
    return concat(u16(1 + chance.below(2)), `${name}\0${chance.one(TFTP_MODES)}\0${options}`);
  };
  const failed = concat(u16(5), u16(1), `${chance.one(LABELS)} not found\0`);
  return {
    serverPort: 69,
    udp: true,
    said: [['>', request()], ...chance.some(3, (): Said => (chance.often(70) ? ['>', request()] : ['<', failed]))],
  };
};
const quoted =
  (...samples: readonly string[]) =>
  (chance: Chance): string =>
    `${chance.one(['', '', '!'])}"${chance.one(samples)}"${chance.one(['', '; nocase', '; startswith', '; endswith'])}`;
const tftpRule = rulesOver('tftp', [
  ['app-layer-protocol', oneOf('tftp', '!tftp'), true],
  [
    'content',
    quoted(...LABELS, 'startup-config', 'evil.bin', 'octet|00|', '|00 01|', '|00 02|', 'not found|00|'),
    true,
  ],
  ['dsize', (chance) => `${chance.one(['>', '<', ''])}${10 + chance.below(30)}`, true],
]);

const ntpTalk = (chance: Chance): Talk => {
  const message = (mode: number): Uint8Array =>
    concat(
      [(chance.one([3, 4]) << 3) | mode, chance.below(4), 6, 236],
      new Uint8Array(8),
      nameOf(chance).slice(0, 4),
      new Uint8Array(32),
    );
  return datagrams(123, [[message(3), message(4)]]);
};
const ntpRule = rulesOver('ntp', [
  ['ntp.version', oneOf('3', '4', '>2'), true],
  ['ntp.mode', oneOf('3', '4'), true],
  ['ntp.stratum', oneOf('0', '1', '>1'), true],
]);

const NO_SPI = '0000000000000000';
const ikeTalk = (chance: Chance): Talk => {
  const transforms = (): Uint8Array[] => [
    ike.attribute(1, chance.one([1, 5, 7])),
    ike.attribute(2, chance.one([1, 4])),
    ike.attribute(4, chance.one([2, 14])),
  ];
  const message = (responder: string): Uint8Array => {
    const exchange = chance.one([2, 4]);
    if (chance.often(40)) {
      const offered = Array.from({ length: responder === '' ? 1 + chance.below(3) : 1 }, transforms);
      return ike.message(1, 0x10, exchange, 0, responder || NO_SPI, ike.payload(0, ike.association1(...offered)));
    }
    const key = ike.payload(10, new Uint8Array(8 + chance.below(8)).fill(chance.below(9)));
    return ike.message(4, 0x10, exchange, 0, responder || NO_SPI, key, ike.payload(13, 'nonce'), vendor());
  };
  const vendor = (): Uint8Array => ike.payload(0, chance.one(LABELS));
  const steps = some(chance, () => [message(''), message('1112131415161718')]);
  if (chance.often(70)) return datagrams(500, steps, { clientPort: chance.one([500, 45_000]) });
  // Beside ESP, behind four bytes that are none of its numbers (RFC 3948).
  const marked = (one: Uint8Array): Uint8Array => concat(u32(0), one);
  return datagrams(
    4500,
    steps.map(([asked, answered]): Step => [marked(asked), marked(answered)]),
    { clientPort: chance.one([4500, 45_000]) },
  );
};
const ikeRule = rulesOver('ike', [
  ['ike.exchtype', oneOf('2', '4', '>2'), true],
  ['ike.vendor', oneOf('61', '77', '6576')],
  ['ike.init_spi', oneOf('0102', '05060708')],
  ['ike.resp_spi', oneOf('1112', '0000')],
  ['ike.chosen_sa_attribute', oneOf('alg_enc=7', 'alg_hash=1', 'alg_dh=14'), true],
  ['ike.nonce_payload', oneOf('nonce')],
  ['ike.key_exchange_payload_length', upTo(16), true],
  ['ike.nonce_payload_length', upTo(8), true],
]);

const rfbTalk = (chance: Chance): Talk => {
  const name = nameOf(chance);
  const server = concat(u16(800), u16(600), new Uint8Array(16), u32(name.length), name);
  const said: Said[] = [
    ['<', 'RFB 003.008\n'],
    ['>', 'RFB 003.008\n'],
    ['<', [1, 2]],
    ['>', [2]],
    ['<', new Uint8Array(16).fill(7)],
    ['>', new Uint8Array(16).fill(9)],
    ['<', u32(chance.below(2))],
    ['>', [1]],
    ['<', server],
  ];
  return { serverPort: 5900, said: inPieces(chance, said, 2) };
};
const rfbRule = rulesOver('rfb', [
  ['rfb.name', oneOf('evil', 'www', 'example')],
  ['rfb.sectype', oneOf('2', '1', '>1'), true],
  ['rfb.secresult', oneOf('ok', 'fail'), true],
]);

// ------------------------------------------------------------------------------------------------ Windows, Unix

const CLIENTS = ['alice', 'bob$', 'Administrator'];
const SERVICES = ['cifs', 'krbtgt', 'HTTP'];
const krb5Talk = (chance: Chance): Talk => {
  const client = chance.one(CLIENTS);
  const isStream = chance.often(50);
  const steps = some(chance, (): Step => {
    const type = chance.one([10, 12]);
    const server = [chance.one(SERVICES), chance.one(LABELS)];
    const encryption = (): number => chance.one([1, 3, 17, 18, 23]);
    const asked = krb5.request(type, client, server);
    const answered = chance.often(25)
      ? krb5.error(chance.one([6, 24, 25]), server)
      : krb5.reply(type + 1, encryption(), encryption(), client, server);
    return isStream ? [krb5.stream(asked), krb5.stream(answered)] : [asked, answered];
  });
  return isStream ? stream(chance, 88, steps) : datagrams(88, steps);
};
const krb5Rule = rulesOver('krb5', [
  ['krb5.cname', oneOf(...CLIENTS)],
  ['krb5.sname', oneOf(...SERVICES, 'www', 'evil')],
  ['krb5_msg_type', oneOf('10', '11', '12', '13', '30'), true],
  ['krb5_err_code', oneOf('6', '24', '25'), true],
  ['krb5.ticket_encryption', oneOf('weak', '18', '23', '1,3'), true],
]);

/** Procedures of version 3 whose arguments are one handle. */
const OF_ONE_HANDLE = [1, 5, 18, 19, 20];
const nfsTalk = (chance: Chance): Talk => {
  let id = 5;
  const isStream = chance.often(60);
  const steps = some(chance, (): Step => {
    const [asked, answered] = [nfs.call(id, 3, chance.one(OF_ONE_HANDLE)), nfs.answer(id++)];
    return isStream ? [nfs.record(asked), nfs.record(answered)] : [asked, answered];
  });
  return isStream ? stream(chance, 2049, steps) : datagrams(2049, steps);
};
const nfsRule = rulesOver('nfs', [
  ['nfs_procedure', oneOf('1', '18', '>5', '<6', '4<>18', '5-19', '!1<>5'), true],
  ['nfs.version', oneOf('3', '4', '>2'), true],
]);

/** Name, talks and rules of each. */
export const SMALL = [
  ['Modbus', modbusTalk, modbusRule],
  ['DNP3', dnp3Talk, dnp3Rule],
  ['EtherNet/IP', enipTalk, enipRule],
  ['MQTT', mqttTalk, mqttRule],
  ['LDAP', ldapTalk, ldapRule],
  ['SNMP', snmpTalk, snmpRule],
  ['DHCP', dhcpTalk, dhcpRule],
  ['TFTP', tftpTalk, tftpRule],
  ['NTP', ntpTalk, ntpRule],
  ['IKE', ikeTalk, ikeRule],
  ['RFB', rfbTalk, rfbRule],
  ['Kerberos', krb5Talk, krb5Rule],
  ['NFS', nfsTalk, nfsRule],
] as const;
