/** Keywords that wait for a protocol: each reads its own example, keeps what it reads, and makes its rule wait. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../../src/rule/compile-rule.js';
import { Diagnostics } from '../../../src/rule/diagnostic.js';
import { OPTIONS } from '../../../src/rule/options/registry.js';
import { WAITING } from '../../../src/rule/options/waiting/waiting-keyword.js';
import { parseRule } from '../../../src/rule/parser.js';
import { Variables } from '../../../src/rule/variables.js';
import { optionNode, parseOption, reparse } from '../../support/rule-options.js';

const keywords = OPTIONS.filter(({ doc }) => doc.appliesTo === WAITING);
const valued = keywords.filter(({ value, name }) => value !== 'none' && name !== 'uricontent');

function compile(options: string): { waitingFor: readonly string[] | undefined; codes: string[] } {
  const diagnostics = new Diagnostics();
  const node = parseRule(`alert ip any any -> any any (${options} sid:1;)`, diagnostics)!;
  const program = compileRule(node, { variables: new Variables(), environment: { classification: () => undefined, reference: () => undefined }, diagnostics, origin: { file: '', line: 1 } });
  return { waitingFor: program?.waitingFor, codes: diagnostics.list.map(({ code }) => code) };
}

describe('examples', () => {
  it.each(keywords.map((option) => [option.name, option.doc.example] as const))('%s: %s', (_name, example) => {
    const { waitingFor, codes } = compile(example);
    expect(codes).toEqual([]);
    expect(waitingFor).toHaveLength(1);
  });
});

describe('values', () => {
  it.each([
    'urilen:5', 'urilen:>10', 'urilen:10<>20', 'urilen:<100,raw', 'http_header:field user-agent', 'http_uri:path', 'http_param:"user",nocase', 'http_header_test:field x-a,check >5,with_body',
    'http2.frametype:goaway', 'dns.opcode:!4', 'dns.rcode:nxdomain', 'dns.rrtype:aaaa', 'tls.version:1.2', 'tls.version:"1.0"', 'ssl_state:client_hello,!server_hello', 'ssl_version:!sslv2|tls1.2',
    'tls.cert_chain_len:>3', 'filesize:>1MB', 'filestore', 'filestore:both,flow', 'dce_iface:367abb81-9844-35f1-ad32-98f038001003', 'dce_iface:uuid 367abb81-9844-35f1-ad32-98f038001003,version >1,any_frag',
    'dce_opnum:15-18,20', 'sip_method:invite, options', 'sip_stat_code:4', 'krb5_err_code:6', 'ftpdata_command:stor', 'dnp3_obj:99,99', 'modbus:function 8, subfunction 4', 'mqtt.type:connect', 'smb.version:2',
    'app-layer-protocol:!http', 'app-layer-protocol:dns,final', 'app-layer-event:http.missing_host_header', 'rpc:100000, *, 3', 'cip_service:75',
  ])('%s is read', (written) => {
    expect(parseOption(written).diagnostics).toEqual([]);
    const { first, second, printed, again } = reparse(written);
    expect(second).toEqual(first);
    expect(again).toBe(printed);
  });

  it.each([
    ['urilen:long', 'bad-value'], ['urilen:10,cooked', 'bad-value'], ['http_header:fields host', 'bad-value'], ['http_param:a,b,c', 'bad-value'], ['http2.frametype:golf', 'bad-value'],
    ['dns.opcode:300', 'number-out-of-range'], ['dns.rrtype:zzz', 'bad-value'], ['tls.version:1.9', 'bad-value'], ['ssl_state:hello', 'bad-value'], ['filesize:big', 'bad-number'],
    ['dce_iface:367abb81', 'bad-value'], ['dce_opnum:x', 'bad-value'], ['sip_stat_code:44', 'bad-value'], ['smb.version:3', 'bad-value'], ['app-layer-protocol:frobnicate', 'bad-value'],
    ['app-layer-event:frob.x', 'bad-value'], ['rpc:any', 'bad-value'], ['tls.fingerprint:aa:bb', 'bad-value'],
  ])('%s is not: %s', (written, code) => {
    const { value, diagnostics } = parseOption(written);
    expect(value).toBeUndefined();
    expect(diagnostics.map((each) => each.code)).toEqual([code]);
    expect(diagnostics[0]!.hint).toBeDefined();
  });

  it('are kept whatever they are, or reported inside the text', () => {
    const noise = fc.array(fc.oneof(fc.constantFrom('!', '>', '<>', ',', '|', '1', '255', 'field ', '"', ' ', '0x', 'a'), fc.string({ unit: 'binary-ascii', maxLength: 3 })), { maxLength: 6 }).map((parts) => parts.join('').trim());
    fc.assert(fc.property(fc.constantFrom(...valued), noise, ({ name, print, parse }, value) => {
      const written = `${name}:${value}`;
      const { value: parsed, diagnostics } = parseOption(written);
      for (const { span } of diagnostics) expect(span.end).toBeLessThanOrEqual(written.length);
      if (parsed === undefined) {
        expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
        return;
      }
      const printed = print(parsed);
      expect(print(parse(optionNode(printed === undefined ? name : `${name}:${printed}`), new Diagnostics()))).toBe(printed);
    }), { numRuns: 1500, seed: 20_261_122 });
  });
});

describe('where they stand', () => {
  it('takes modifiers behind a content, and sticky ones before', () => {
    expect(compile('content:"a"; http_uri; nocase;').codes).toEqual([]);
    expect(compile('http_uri; content:"a"; nocase;').codes).toEqual([]);
    expect(compile('http.uri; nocase;').codes).toEqual(['modifier-without-content']);
    expect(compile('content:"a"; http.uri; nocase;').codes).toEqual(['modifier-without-content']);
    expect(compile('uricontent:"a"; nocase;')).toEqual({ waitingFor: ['http'], codes: [] });
    expect(compile('dns.query; dotprefix; content:"a";').codes).toEqual([]);
  });

  it('reports names that no protocol has', () => {
    expect(compile('http.frobnicate; content:"a";').codes).toEqual(['unknown-keyword']);
    expect(compile('tls_frobnicate; content:"a";').codes).toEqual(['unknown-keyword']);
  });
});
