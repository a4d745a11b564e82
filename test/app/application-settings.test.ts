/** What the configuration says of application protocols reaches identification, parsers and keepers. */
import { describe, expect, it } from 'vitest';
import type { ApplicationSettings } from '../../src/app/application-settings.js';
import { ALL_BUFFERS } from '../../src/app/buffers.js';
import { protocolsWith } from '../../src/app/protocols.js';
import { DIRECTION } from '../../src/flow/flow.js';
import { Span } from '../../src/memory/span.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { Speaking } from '../support/speaking.js';

const { toServer } = DIRECTION;
const speaking = (settings: ApplicationSettings, port?: number): Speaking =>
  new Speaking({
    protocols: protocolsWith(settings),
    layer: { settings },
    sideBytes: 8192,
    ...(port === undefined ? {} : { port }),
  });
const request = (i: number): string => `GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`;

describe('settings of a protocol', () => {
  it.each(APPLICATION_SAMPLES.map((sample) => [sample.name, sample] as const))(
    '%s is not told once it is turned off',
    (_name, { application, port, udp = false, said }) => {
      const settings = { [application]: { enabled: false } };
      const flow = new Speaking({ port, udp, layer: { settings } }).sayAll(said);
      expect(flow.application).not.toBe(application);
    },
  );

  it('tell, and do not parse', () => {
    const connections = ([true, 'detection-only', false] as const).map((enabled) => {
      const flow = speaking({ http: { enabled } }).say(toServer, request(1));
      return [flow.application, flow.layer.inUse.transactions];
    });
    expect(connections).toEqual([
      ['http', 1],
      ['http', 0],
      ['', 0],
    ]);
  });

  it('say on which ports a protocol is expected, where bytes leave it open', () => {
    // A greeting that FTP and SMTP have in common.
    const told = (settings: ApplicationSettings, port: number): string =>
      speaking(settings, port).say(DIRECTION.toClient, '220 ready\r\n').application;
    expect(told({}, 21)).toBe('ftp');
    expect(told({}, 2121)).toBe('');
    const settings = { ftp: { enabled: true, ports: [2121] } };
    expect(told(settings, 2121)).toBe('ftp');
    expect(told(settings, 21)).toBe('');
  });

  it('bound the open transactions of a connection', () => {
    const cut = (settings: ApplicationSettings): unknown => {
      const flow = speaking(settings);
      for (let i = 0; i < 10; i++) flow.say(toServer, request(i));
      return [...flow.layer.connection(flow.flow)!.transactions].filter(({ progressToClient }) => progressToClient > 0)
        .length;
    };
    expect(cut({})).toBe(0);
    expect(cut({ http: { enabled: true, transactions: 4 } })).toBe(6);
  });

  it('bound the bodies of HTTP that are inspected', () => {
    const settings = { http: { enabled: true, requestBody: 10 } };
    const all = protocolsWith(settings);
    expect(all.map(({ name }) => name)).toEqual(protocolsWith({}).map(({ name }) => name));
    const bodyOf = (own: ApplicationSettings): number => {
      const post = `POST / HTTP/1.1\r\nContent-Length: 30\r\n\r\n${'x'.repeat(30)}`;
      const flow = speaking(own).say(toServer, post);
      const span = new Span();
      const [transaction] = flow.layer.connection(flow.flow)!.transactions;
      expect(transaction!.locate(ALL_BUFFERS.number('http.request_body'), 0, toServer, span)).toBe(true);
      return span.length;
    };
    expect([bodyOf({}), bodyOf(settings)]).toEqual([30, 10]);
  });
});
