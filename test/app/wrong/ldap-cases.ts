/** Messages of LDAP that are wrong, each in its own way. */
import { LDAP, LDAP_EVENTS } from '../../../src/app/ldap/index.js';
import type { Said } from '../../support/conversation.js';
import type { Payload } from '../../support/packet-builder.js';
import { der } from '../support/certificates.js';
import type { EventCases } from './event-cases.js';

const message = (id: number, operation: Payload): Uint8Array => der(0x30, [2, 1, id], operation);
const bind = (id: number): Uint8Array => message(id, der(0x60, [2, 1, 3], der(4, 'cn=a'), der(0x80, 'secret')));
const result = (id: number, tag: number): Uint8Array => message(id, der(tag, [10, 1, 0], der(4, ''), der(4, '')));
const SEARCH = der(0x63, der(4, 'dc=a'), [10, 1, 2, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0], der(0x87, 'o'), der(0x30));
const ENTRY = der(0x64, der(4, 'cn=x'), der(0x30));
const END: readonly Said[] = [
  ['>', bind(9)],
  ['<', result(9, 0x61)],
];
const PASSED_OVER = 'there an answer that cannot be read is passed over';

export const LDAP_CASES: EventCases = {
  application: 'ldap',
  protocol: LDAP,
  events: LDAP_EVENTS,
  port: 389,
  first: [
    ['>', bind(1)],
    ['<', result(1, 0x61)],
  ],
  cases: {
    'nothing wrong': [['>', message(3, SEARCH)], ['<', message(3, ENTRY)], ['<', result(3, 0x65)], ...END],
    'an answer to nothing': [['<', result(7, 0x61)], ...END],
    'an operation that there is none of': [['>', message(3, [0x99, 0])], ...END],
    'an operation of two bytes': [['>', message(3, [0x7f, 0x20, 0])], ...END],
    'a message without a number': [['>', der(0x30, SEARCH)], ...END],
    'a search without a name': [['>', message(3, der(0x63, [10, 1, 2]))], ...END],
    'a bind without a name': [['>', message(3, der(0x60, [2, 1, 3]))], ...END],
    'an answer of an operation that there is none of': [['<', message(3, [0x99, 0])], ...END],
    'an answer without its texts': [['>', message(3, SEARCH)], ['<', message(3, der(0x65, [10, 1]))], ...END],
  },
  differs: {
    'a bind without a name': 'there it is passed over, and the answer that follows belongs to nothing',
    'an answer of an operation that there is none of': PASSED_OVER,
    'an answer without its texts': PASSED_OVER,
  },
};
