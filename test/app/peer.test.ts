/**
 * Identification beside Suricata's: the same bytes, and every difference named. Skipped, loudly, where it is not
 * installed.
 */
import { describe, expect, it } from 'vitest';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import type { Conversation } from '../support/conversation.js';
import { OTHER_PORT, Speaking } from '../support/speaking.js';
import { askSuricata, hasSuricata, type Answer } from '../support/suricata.js';

/** What the peer says instead on the protocol's own port: it does not know these, or not by these bytes. */
const OWN_PORT: Readonly<Record<string, string>> = {
  llmnr: 'failed',
  'smb over netbios': 'unknown',
  'nfs over udp': 'failed',
  mysql: 'failed',
  redis: 'unknown',
  'socks 5': 'unknown',
  'socks 4': 'unknown',
  bittorrent: 'unknown',
  'bittorrent tracker': 'failed',
  'ntp control': 'unknown',
  'ntp private': 'unknown',
};
/** Protocols that the peer tells on their ports alone (docs/decisions/0018). */
const PORT_BOUND = [
  'dns',
  'mdns',
  'quic',
  'pop3',
  'rdp',
  'telnet',
  'krb5',
  'ldap',
  'nfs',
  'mqtt',
  'modbus',
  'dnp3',
  'enip',
  'ntp',
  'dhcp',
  'snmp',
  'tftp',
  'ike',
  'pgsql',
];

/** The peer marks what it does not know as failed only once it has given up. */
const named = (application: string): string =>
  application === 'failed' || application === '' ? 'unknown' : application;

(hasSuricata ? describe : describe.skip)('beside Suricata', () => {
  const conversations = (port: (own: number) => number, more: Partial<Conversation> = {}): readonly Conversation[] =>
    APPLICATION_SAMPLES.map(({ said, udp = false, port: own }, index) => ({
      said,
      udp,
      serverPort: port(own),
      host: index + 1,
      ...more,
    }));
  const ask = (asked: readonly Conversation[]): ReadonlyMap<string, Answer> => {
    const answers = askSuricata(asked);
    return new Map(APPLICATION_SAMPLES.map(({ name }, index) => [name, answers[index]]));
  };

  it('each protocol is told on its port', () => {
    const answers = ask(conversations((own) => own));
    for (const { name, application, port, udp = false, said } of APPLICATION_SAMPLES) {
      expect([name, new Speaking({ port, udp }).sayAll(said).application]).toEqual([name, application]);
      expect([name, named(answers.get(name)!.application)]).toEqual([name, named(OWN_PORT[name] ?? application)]);
    }
  });

  it('on another port the peer tells those alone that are not bound to one', () => {
    const answers = ask(conversations(() => OTHER_PORT));
    for (const { name, application } of APPLICATION_SAMPLES) {
      const expected = PORT_BOUND.includes(application) ? 'unknown' : (OWN_PORT[name] ?? application);
      expect([name, named(answers.get(name)!.application)]).toEqual([name, named(expected)]);
    }
  });

  it('the sides of a flow are told alike', () => {
    const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const ssh = 'SSH-2.0-x\r\n';
    const garbage = '\x99'.repeat(80);
    const talks: readonly Conversation['said'][] = [
      [
        ['>', request],
        ['<', answer],
      ],
      [['>', request]],
      [
        ['>', request],
        ['<', garbage],
        ['>', request],
      ],
      [
        ['>', garbage],
        ['<', answer],
        ['>', garbage],
      ],
      [
        ['>', garbage],
        ['<', garbage],
      ],
      [
        ['<', ssh],
        ['>', request],
        ['<', garbage],
      ],
      [
        ['>', request],
        ['<', ssh],
        ['>', request],
      ],
      [
        ['<', ssh],
        ['>', ssh],
      ],
    ];
    const answers = askSuricata(talks.map((said, index) => ({ said, serverPort: OTHER_PORT, host: index + 1 })));
    talks.forEach((said, index) => {
      const [flow, toServer, toClient] = new Speaking().sayAll(said).told;
      const {
        application,
        toServer: theirToServer = application,
        toClient: theirToClient = application,
      } = answers[index];
      // The peer names a side only where it differs from the flow.
      expect([index, flow, toServer || flow, toClient || flow]).toEqual([
        index,
        application,
        theirToServer,
        theirToClient,
      ]);
    });
  });
});
