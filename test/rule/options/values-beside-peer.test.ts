/**
 * Values of keywords beside Suricata: what it loads is loaded here, and what it refuses is refused, but for what
 * DIFFERENCES names. A kind of difference that nothing shows any more fails, too.
 */
import { describe, expect, it } from 'vitest';
import { BUFFER_SPECS } from '../../../src/app/buffers.js';
import { hasSuricata, refusedBySuricata } from '../../support/suricata.js';
import { compileText } from '../support/compile.js';

const UUID = '367abb81-9844-35f1-ad32-98f038001003';
const of = (keyword: string, ...values: string[]): string[] => values.map((value) => `${keyword}:${value}`);

const VALUES = [
  ...of('ftpdata_command', 'stor', 'RETR', 'list', 'nlst', 'appe', 'stou', 'mlsd', 'port', '1'),
  ...of('ftp.reply_received', 'yes', 'no', 'on', 'off', 'true', 'false', '1', '0', '!yes', 'enable'),
  ...of('cip_service', '1', '1,2', '1,2,3', '1,2,!3', '!1', '1,!2', '1,2,3,4', '127', '128', '256', 'all', '0x4b'),
  ...['', ',1', ',>1', ',=1', ',!1', ',!=1', ',<=1', ',> 1', ',1-2', ',<>1'].map((of) => `dcerpc.iface:${UUID}${of}`),
  ...[',1,any_frag', ',any_frag', ',some_frag'].map((of) => `dcerpc.iface:${UUID}${of}`),
  ...['', 'read', 'exec', 'read all', 'read, address <5', 'read, address 5', 'read coils, address 1<>5'].map(
    (access) => `modbus:access ${access}`,
  ),
  ...['input', 'discretes', 'input, address 4', 'coils', 'holding, address 5, value <3', 'holding,value 3'].map(
    (access) => `modbus:access write ${access}`,
  ),
  ...of('modbus', 'unit 1', 'unit !3', 'unit 1, access read, address <5', 'function !public', 'function !3'),
  ...of('modbus', 'function 8, subfunction 4', 'function 8, subfunction !4', 'subfunction 4', 'address <5'),
  ...of('modbus', 'function 255', 'function 300', 'function 0', 'function !0', 'function !300', 'unit 5, function 300'),
  ...of('modbus', 'function 8, subfunction 65535', 'function 8, subfunction 70000', 'function all', 'function !all'),
  ...of('modbus', 'unit 255', 'unit 256', 'unit 70000', 'unit >254', 'unit >255', 'unit <1', 'unit <0', 'unit 3<>4'),
  ...['65535', '65536', '70000', '>65535', '>70000', '<0', '5<>6', '5<>7', '1<>70000'].map(
    (address) => `modbus:access read, address ${address}`,
  ),
  ...['65535', '65536', '>65534', '>65535'].map((value) => `modbus:access write holding, address 5, value ${value}`),
  ...of('dcerpc.opnum', '65535', '65536', '>65535', '4-2', '1-3,5', '<0'),
  ...[',65535', ',70000', ',>65534', ',>65535', ',<0'].map((of) => `dcerpc.iface:${UUID}${of}`),
  ...of('ike.chosen_sa_attribute', 'alg_hash=4294967295', 'alg_hash=4294967296', 'nosuch=2', '!alg_hash=2'),
  ...of('nfs_procedure', '5<>6', '5-6', '5<>5', '!5<>6', '6<>5', '>5'),
  ...of('rpc', '4294967295', '4294967296', '100000,4294967296', '1,2,4294967296', '100000,*,3'),
  ...of('krb5.ticket_encryption', 'weak', '99999999999', '-300', 'nosuch', '!nosuch', 'rc4-hmac,!24', 'rc4-hmac,!23'),
  ...of('cip_service', '1,4294967295', '1,2,4294967295', '1,2,70000'),
  ...of('dnp3_obj', '255,255', '256,0', '1,300'),
  ...of('dnp3_obj', '1,2', '1, 2', '1', '1,*', 'all', '!1,2', '1,2,3', '0x1,2', 'abc,2', '1,', '"1,2"'),
  ...['dsize', 'flow.age', 'flow.pkts_toserver', 'flow.bytes_toclient', 'tcp.mss', 'icmpv6.mtu', 'ttl', 'vlan.id']
    .concat([
      'tcp.wscale',
      'itype',
      'flow.pkts_toclient',
      'flow.bytes_toserver',
      'http.uri; bsize',
      'dns.rcode',
      'dns.rrtype',
      'tls.cert_chain_len',
      'urilen',
      'filesize',
      'http2.size_update',
    ])
    .concat(['ftp.dynamic_port', 'websocket.mask', 'enip.status', 'enip.serial', 'ike.nonce_payload_length'])
    .concat(['dhcp.leasetime', 'snmp.version', 'rfb.sectype', 'ldap.responses.count', 'mqtt.protocol_version'])
    .flatMap((keyword) => of(keyword, '&0x1=1', '&0x1=0', '&0x1!=1', '&0x41=0x40', '&3=1', '&1=2')),
];

/** What is taken by one alone, and why. */
const DIFFERENCES: readonly (readonly [why: string, (value: string) => boolean])[] = [
  [
    'what no message can have is an error, and not a rule that never alerts',
    (value) =>
      /^modbus:.*(unit (256|[<]0|>255|3<>4)|!all|address (>65536|<0|5<>6)|value >65535)$/.test(value) ||
      /^dcerpc\.opnum:(65536|<0)$/.test(value),
  ],
  ['addresses count from 1, so that the last one is 65536', (value) => value.endsWith('address 65536')],
  ['an end of a range may be beyond all addresses', (value) => value.endsWith('1<>70000')],
  ['what is wanted and what is not may stand in one list', (value) => value.includes('rc4-hmac,!24')],
  ['a range of one number is that number', (value) => value === 'nfs_procedure:5<>5'],
  ['other attributes than one may be asked for', (value) => value.includes('attribute:!')],
  ['a function of 0 is malformed, and may be asked for', (value) => /^modbus:function !?0$/.test(value)],
  ['there anything is an object: group 0 where it is no number', (value) => value.startsWith('dnp3_obj:')],
  ['answers have services from 128 on', (value) => value === 'cip_service:128'],
  ['Snort has hexadecimal services', (value) => value === 'cip_service:0x4b'],
  ['a function of a number may be refused as one of a name', (value) => value === 'modbus:function !3'],
  ['numbers, negation and capital letters are those of all keywords of numbers', (value) => /^ftp/.test(value)],
];

describe.skipIf(!hasSuricata)('values of keywords', () => {
  it('are taken as by Suricata, but for what is named', () => {
    const rules = VALUES.map((value, index) => `alert tcp any any -> any any (${value}; sid:${index + 1};)`);
    const refused = refusedBySuricata(rules);
    const differing = VALUES.filter((_, index) => {
      const isTaken = compileText(rules[index]!).program !== undefined;
      return isTaken === refused.has(rules[index]!);
    });
    expect(differing.filter((value) => !DIFFERENCES.some(([, holds]) => holds(value)))).toEqual([]);
    expect(DIFFERENCES.filter(([, holds]) => !differing.some(holds)).map(([why]) => why)).toEqual([]);
  });
});

describe('numbers of messages', () => {
  const numbers = BUFFER_SPECS.filter(({ kind, keyword, values }) => kind === 'number' && keyword !== '' && values);

  it('can be asked for through a mask of their lowest bit', () => {
    const refused = numbers
      .map(({ name, keyword = name }) => keyword)
      .filter((keyword) => compileText(`alert ip any any -> any any (${keyword}:&1=1; sid:1;)`).program === undefined);
    expect(numbers.length).toBeGreaterThan(50);
    expect(refused).toEqual([]);
  });
});
