/** Keywords that wait for a protocol: each reads its own example, keeps what it reads, and makes its rule wait. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../../src/rule/compile/compile-rule.js';
import { Diagnostics } from '../../../src/rule/diagnostics/diagnostic.js';
import { OPTIONS } from '../../../src/rule/options/registry.js';
import { WAITING } from '../../../src/rule/options/waiting/waiting-keyword.js';
import { parseRule } from '../../../src/rule/parse/parser.js';
import { Variables } from '../../../src/rule/compile/variables.js';
import { optionNode, parseOption, reparse } from '../../support/rule-options.js';

const keywords = OPTIONS.filter(({ doc, name }) => doc.appliesTo === WAITING && name !== 'uricontent');
const valued = keywords.filter(({ value }) => value !== 'none');

function compile(options: string): { waitingFor: readonly string[] | undefined; codes: string[] } {
  const diagnostics = new Diagnostics();
  const node = parseRule(`alert ip any any -> any any (${options} sid:1;)`, diagnostics)!;
  const program = compileRule(node, {
    variables: new Variables(),
    environment: { classification: () => undefined, reference: () => undefined },
    diagnostics,
    origin: { file: '', line: 1 },
  });
  return { waitingFor: program?.waitingFor, codes: diagnostics.list.map(({ code }) => code) };
}

describe('examples', () => {
  it.each(keywords.map((option) => [option.name, option.doc.example] as const))('%s: %s', (_name, example) => {
    const { waitingFor, codes } = compile(example);
    expect(codes).toEqual([]);
    expect(waitingFor!.length).toBeGreaterThan(0);
  });
});

describe('values', () => {
  it.each([
    'urilen:5',
    'urilen:>10',
    'urilen:10<>20',
    'urilen:<100,raw',
    'http_header:field user-agent',
    'http_uri:path',
    'http_param:"user",nocase',
    'http_header_test:field x-a,check >5,with_body',
    'http2.frametype:goaway',
    'dns.opcode:!4',
    'dns.rcode:nxdomain',
    'dns.rrtype:aaaa',
    'tls.version:1.2',
    'tls.version:"1.0"',
    'ssl_state:client_hello,!server_hello',
    'ssl_version:!sslv2|tls1.2',
    'tls.cert_chain_len:>3',
    'filesize:>1MB',
    'filestore',
    'filestore:both,flow',
    'sip_method:invite, options',
    'sip_stat_code:4',
    'krb5_err_code:6',
    'ftpdata_command:stor',
    'dnp3_obj:99,99',
    'modbus:function 8, subfunction 4',
    'mqtt.type:connect',
    'app-layer-protocol:!http',
    'app-layer-protocol:!tls|dns,exact',
    'detect-event:too_many_buffers',
    'eth.hdr',
    'app-layer-protocol:dns,final',
    'rpc:100000, *, 3',
    'cip_service:75',
    'app-layer-state:>request_headers',
    'app-layer-state:request_complete',
    'frame:http1.request',
    'frame:smb2.hdr',
    'frame:ssl2.pdu',
    'frame:nbss.pdu',
    'frame:pdu',
    'frame:record.hdr',
    'frame:imap.headers',
    'appids:"facebook, google"',
    'dns.rrtype:a,all',
    'dns.rrtype:count >2',
    'dns.rrtype:!aaaa',
    'http2.window:count >5',
    'http2.window:>5,nb>3',
    'http2.frametype:GOAWAY,-1',
    'mqtt.type:CONNECT,0,2:4',
    'ldap.responses.operation:search_result_done,1',
    'ldap.responses.result_code:success,all_or_absent',
    'enip.cip_class:>1,oob_or 2',
    'websocket.flags:fin,!comp',
    'websocket.flags:&0xc0=0x80',
    'websocket.flags:128',
    'mqtt.flags:dup,!retain',
    'websocket.opcode:!ping',
    'modbus:unit 10,function 21',
    'modbus:function !reserved',
    'modbus:access write holding, address 500, value >200',
    'modbus:access read discretes, address 100<>200',
    'modbus:access read',
    'modbus:access read, address <5',
    'modbus:unit 1,access write,address 5,value 3',
    'cip_service:75,1,!2',
    'cip_service:0x4b,0x01',
    'ftpdata_command:list',
    'ftp.reply_received:on',
    'modbus_func:read_coils',
    'dnp3_ind:class_1_events,need_time',
    'tls_cert_notbefore:1998-05-01<>2008-05-01',
    'tls_cert_notafter:>2015',
    'tls_cert_notafter:2015-10-22T23:59:59',
    'file_meta:type MSEXE, id 21, category "Executables"',
    'windows_pe',
    'ntp.mode:!server',
    'imap.email.direction:to_server',
    'socks_state:established',
    's7comm_func:job_request',
    's7comm_data_length:30<=>50',
    'krb5.ticket_encryption:!rc4-hmac',
    'enip_command:list_identity',
    'opcua_msg_type:HEL',
    'gtp_type:echo_request,2',
    'rfb.secresult:fail',
  ])('%s is read', (written) => {
    expect(parseOption(written).diagnostics).toEqual([]);
    const { first, second, printed, again } = reparse(written);
    expect(second).toEqual(first);
    expect(again).toBe(printed);
  });

  it.each([
    ['urilen:long', 'bad-number'],
    ['urilen:10,cooked', 'unknown-argument'],
    ['http_header:fields host', 'unknown-argument'],
    ['http_param:a,b,c', 'unknown-argument'],
    ['http2.frametype:golf', 'unknown-argument'],
    ['dns.opcode:300', 'number-out-of-range'],
    ['dns.rrtype:zzz', 'unknown-argument'],
    ['tls.version:1.9', 'bad-number'],
    ['ssl_state:hello', 'unknown-argument'],
    ['filesize:big', 'bad-number'],
    ['app-layer-protocol:frobnicate', 'unknown-argument'],
    ['app-layer-protocol:dns|frobnicate', 'unknown-argument'],
    ['detect-event:4', 'unknown-argument'],
    ['app-layer-event:frob.x', 'unknown-argument'],
    ['rpc:any', 'unknown-argument'],
    ['tls.fingerprint:aa:bb', 'unknown-argument'],
    ['app-layer-state:late', 'unknown-argument'],
    ['frame:frob.pdu', 'unknown-argument'],
    ['frame:', 'missing-value'],
    ['dns.rrtype:a,most', 'unknown-argument'],
    ['dns.rrtype:a,all,1:2,3', 'unknown-argument'],
    ['dns.rrtype:count x', 'bad-number'],
    ['http2.window:-1', 'bad-number'],
    ['ldap.responses.operation:search', 'unknown-argument'],
    ['websocket.flags:fin,con', 'unknown-argument'],
    ['modbus:function', 'unknown-argument'],
    ['modbus:access write holding, value 3', 'unknown-argument'],
    ['modbus:read coils', 'unknown-argument'],
    ['modbus:access write input', 'unknown-argument'],
    ['modbus:access write discretes,address 5', 'unknown-argument'],
    ['cip_service:all', 'unknown-argument'],
    ['cip_service:256', 'unknown-argument'],
    ['cip_service:1,!2', 'unknown-argument'],
    ['ftpdata_command:port', 'unknown-argument'],
    ['tls_cert_notafter:tomorrow', 'unknown-argument'],
    ['tls_cert_notbefore:<2000<>2001', 'unknown-argument'],
    ['file_meta:kind PDF', 'unknown-argument'],
    ['dnp3_ind:class_9_events', 'unknown-argument'],
    ['socks_version:6', 'unknown-argument'],
    ['mqtt.connack.session_present:maybe', 'unknown-argument'],
    ['ntp.mode:fast', 'unknown-argument'],
    ['enip.revision:1.2', 'bad-number'],
  ])('%s is not: %s', (written, code) => {
    const { value, diagnostics } = parseOption(written);
    expect(value).toBeUndefined();
    expect(diagnostics.map((each) => each.code)).toEqual([code]);
    expect(diagnostics[0]!.hint).toBeDefined();
  });

  it('are kept whatever they are, or reported inside the text', () => {
    const noise = fc
      .array(
        fc.oneof(
          fc.constantFrom('!', '>', '<>', ',', '|', '1', '255', 'field ', '"', ' ', '0x', 'a'),
          fc.string({ unit: 'binary-ascii', maxLength: 3 }),
        ),
        { maxLength: 6 },
      )
      .map((parts) => parts.join('').trim());
    fc.assert(
      fc.property(fc.constantFrom(...valued), noise, ({ name, print, parse }, value) => {
        const written = `${name}:${value}`;
        const { value: parsed, diagnostics } = parseOption(written);
        for (const { span } of diagnostics) expect(span.end).toBeLessThanOrEqual(written.length);
        if (parsed === undefined) {
          expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
          return;
        }
        const printed = print(parsed);
        expect(print(parse(optionNode(printed === undefined ? name : `${name}:${printed}`), new Diagnostics()))).toBe(
          printed,
        );
      }),
      { numRuns: 1500, seed: 20_261_122 },
    );
  });
});

describe('where they stand', () => {
  it('takes modifiers behind a content, and sticky ones before', () => {
    expect(compile('content:"a"; http_uri; nocase;').codes).toEqual([]);
    expect(compile('http_uri; content:"a"; nocase;').codes).toEqual([]);
    expect(compile('http.uri; nocase;').codes).toEqual(['modifier-without-content']);
    expect(compile('content:"a"; http.uri; nocase;').codes).toEqual(['modifier-without-content']);
    expect(compile('uricontent:"a"; nocase;')).toEqual({ waitingFor: [], codes: [] });
    expect(compile('dns.query; dotprefix; content:"a";').codes).toEqual([]);
  });

  it('reports names that no protocol has', () => {
    expect(compile('http.frobnicate; content:"a";').codes).toEqual(['unknown-keyword']);
    expect(compile('tls_frobnicate; content:"a";').codes).toEqual(['unknown-keyword']);
    expect(compile('ike.frobnicate; content:"a";').codes).toEqual(['unknown-keyword']);
    expect(compile('mqtt.frobnicate:1;').codes).toEqual(['unknown-keyword']);
  });
});
