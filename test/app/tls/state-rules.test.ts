/** `ssl_state` in rules: each message of a handshake is found, whatever segment it comes in. Asked of Suricata. */
import { expect } from 'vitest';
import { builtIt } from '../../support/built.js';
import { concat } from '../../support/packet-builder.js';
import { alertsOfEach } from '../../support/reading.js';
import { certificate } from '../support/certificates.js';
import * as tls from '../support/tls-messages.js';

const { MESSAGE } = tls;
const hello = tls.handshake(MESSAGE.clientHello, tls.clientHello());
const answer = tls.handshake(MESSAGE.serverHello, tls.serverHello());
const certificates = tls.handshake(MESSAGE.certificate, tls.chain(certificate()));
const keys = concat(tls.handshake(MESSAGE.serverKeys, 'keys'), tls.handshake(MESSAGE.helloDone, []));
const own = concat(tls.handshake(MESSAGE.clientKeys, 'keys'), tls.record(tls.RECORD.changeCipherSpec, [1]));

builtIt('ssl_state finds messages that come behind the hello', () => {
  const rules = ['client_hello', 'server_hello', 'server_keyx', 'client_keyx'].map(
    (state, index) => `alert tls any any -> any any (ssl_state:${state}; sid:${index + 1};)`,
  );
  const talks = [
    {
      serverPort: 443,
      said: [
        ['>', hello],
        ['<', answer],
        ['<', certificates],
        ['<', keys],
        ['>', own],
      ] as const,
    },
  ];
  expect(alertsOfEach(talks, rules)).toEqual([['1>', '2<', '3<', '4>']]);
});
