/** Rules that ask for events of parsers and for certificates, end to end. */
import { afterAll, describe, expect, it } from 'vitest';
import { labels, query } from '../app/support/dns-messages.js';
import { certificate } from '../app/support/certificates.js';
import { chain, clientHello, handshake, MESSAGE, record, RECORD, serverHello } from '../app/support/tls-messages.js';
import { framesOf, type Conversation } from '../support/conversation.js';
import { concat, ethernet, ipv4, udp } from '../support/packet-builder.js';
import { pcapFile, type CapturedFrame } from '../support/pcap-writer.js';
import { Folder, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

/** `sid` and direction of each alert. */
async function alertsOn(
  frames: readonly CapturedFrame[],
  rules: string,
  more: readonly string[] = [],
): Promise<string[]> {
  const files = [folder.write('talk.pcap', pcapFile(frames)), '--rules', folder.write('test.rules', rules)];
  const { status, stdout } = await periscope(['read', ...files, '--workers', '1', ...more]);
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { alert: { signature_id: number }; direction: string })
    .map(({ alert, direction }) => `${alert.signature_id} ${direction}`);
}

const EVENTS = `
alert dns any any -> any any (msg:"cut"; app-layer-event:dns.malformed_data; sid:1;)
alert dns any any -> any any (msg:"reserved"; flow:to_server; app-layer-event:dns.z_flag_set; sid:2;)
alert dns any any -> any any (msg:"reserved, to clients"; flow:to_client; app-layer-event:dns.z_flag_set; sid:3;)
alert dns any any -> any any (msg:"with a name"; app-layer-event:dns.z_flag_set; dns.query; content:"www"; sid:4;)
alert dns any any -> any any (msg:"with another"; app-layer-event:dns.z_flag_set; dns.query; content:"mail"; sid:5;)
alert http any any -> any any (msg:"no host"; flow:to_server; app-layer-event:http.missing_host_header; sid:6;)
alert http any any -> any any (msg:"late"; app-layer-event:http.invalid_request_chunk_len; http.uri; content:"/late"; sid:7;)
alert tls any any -> any any (msg:"version"; app-layer-event:tls.invalid_record_version; sid:8;)
alert http any any -> any any (msg:"beside the payload"; flow:to_server; app-layer-event:http.missing_host_header; content:"/none"; sid:9;)
`;
const lookup = (flags: number): Conversation => ({
  udp: true,
  serverPort: 53,
  host: 1,
  said: [['>', query(labels('www.example.com'), 1, { flags })]],
});
const web = (request: string): Conversation => ({ serverPort: 80, host: 2, said: [['>', request]] });

describe('app-layer-event', () => {
  it('matches once where the transaction has raised the event, on the side that is looked at', async () => {
    expect(await alertsOn(framesOf(lookup(0x0140)), EVENTS)).toEqual(['2 to_server', '4 to_server']);
    expect(await alertsOn(framesOf(lookup(0x0100)), EVENTS)).toEqual([]);
    expect(await alertsOn(framesOf(web('GET /none HTTP/1.1\r\n\r\n')), EVENTS)).toEqual(['6 to_server', '9 to_server']);
  });

  it('is waited for beside a buffer that was there before', async () => {
    const head = 'POST /late HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    const said: Conversation['said'] = [
      ['>', head],
      ['>', '3\r\nabc\r\n'],
      ['>', 'no number\r\n'],
    ];
    const talk: Conversation = { serverPort: 80, host: 2, said };
    expect(await alertsOn(framesOf(talk), EVENTS)).toEqual(['7 to_server']);
    expect(await alertsOn(framesOf({ ...talk, said: said.slice(0, 2) }), EVENTS)).toEqual([]);
  });

  it('of a parser that gives up is seen', async () => {
    const hello = handshake(MESSAGE.clientHello, clientHello());
    const said: Conversation['said'] = [
      ['>', hello],
      ['<', record(RECORD.handshake, [1, 2, 3], 0x0909)],
    ];
    expect(await alertsOn(framesOf({ serverPort: 443, host: 3, said }), EVENTS)).toEqual(['8 to_client']);
  });
});

describe('keywords of certificates', () => {
  const server = concat(
    handshake(MESSAGE.serverHello, serverHello()),
    handshake(
      MESSAGE.certificate,
      chain(
        certificate({
          subject: [
            ['2.5.4.10', 'Shop, Inc.'],
            ['2.5.4.3', 'shop\0.example'],
          ],
          notBefore: '150212180727Z',
          notAfter: '200212180727Z',
        }),
      ),
    ),
    handshake(MESSAGE.helloDone, []),
  );
  const said: Conversation['said'] = [
    ['>', handshake(MESSAGE.clientHello, clientHello())],
    ['<', server],
  ];
  const rule = (options: string, sid: number): string =>
    `alert tls any any -> any any (msg:"a"; flow:to_client; ${options} sid:${sid};)\n`;

  it('match as those of Suricata do', async () => {
    const holds = [
      'tls.subject:"O=Shop, Inc.";',
      'tls.subject:!"CN=Shop";',
      'tls.issuerdn:"CN=Issuer";',
      'tls.fingerprint:!"4b:a0:0f:33:3c:1e:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee";',
      'tls_cert_notbefore:<2015-02-12T18:07:27;',
      'tls_cert_notbefore:>2015-02-12T18:07:27;',
      'tls_cert_notafter:2020-01<>2020-03;',
      'tls_cert_expired;',
      'tls.cert_chain_len:1;',
      'ssl_state:server_hello;',
    ];
    const fails = [
      'tls.subject:"CN=Shop";',
      'tls.issuerdn:!"CN=Issuer";',
      'tls_cert_notbefore:>2015-02-12T18:07:28;',
      'tls_cert_valid;',
    ];
    const rules = [...holds, ...fails].map((options, index) => rule(options, index + 1)).join('');
    const alerts = await alertsOn(framesOf({ serverPort: 443, host: 4, said }), rules);
    expect(new Set(alerts)).toEqual(new Set(holds.map((_, index) => `${index + 1} to_client`)));
  });

  it('see a name with a NUL in it whole', async () => {
    const rules = rule('tls.cert_subject; content:"shop|00|.example";', 1) + rule('tls.subject:".example";', 2);
    const alerts = await alertsOn(framesOf({ serverPort: 443, host: 4, said }), rules);
    expect(alerts.sort()).toEqual(['1 to_client', '2 to_client']);
  });
});

describe('a datagram with a wrong checksum', () => {
  it('is read by its application all the same', async () => {
    const message = query(labels('www.example.com'));
    const packet = ipv4(
      { src: '10.0.0.1', dst: '10.0.0.2' },
      udp({ srcPort: 5000, dstPort: 53, checksum: 1 }, message),
    );
    const rules = 'alert dns any any -> any any (msg:"a"; dns.query; content:"example"; sid:1;)\n';
    const frames = [{ bytes: ethernet({}, packet) }];
    expect(await alertsOn(frames, rules, ['--set', 'checksums=verify'])).toEqual(['1 to_server']);
  });
});
