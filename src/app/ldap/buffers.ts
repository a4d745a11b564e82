/** What rules look at in LDAP. Stage: app; names and shapes alone. Reference: Suricata, LDAP keywords. */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs, number } from '../fields/field-spec.js';
import { OPERATIONS, RESULTS } from './names.js';

const { toServer, toClient } = fieldSpecs('ldap');

export const LDAP_BUFFERS: readonly BufferSpec[] = [
  toServer('ldap.request.operation', 'the operation that is asked for', number(255, OPERATIONS)),
  toServer('ldap.request.dn', 'the name that is asked for', { kind: 'single' }),
  toServer('ldap.request.attribute_type', 'each attribute that is asked for', {
    aliases: ['ldap.request.attributes'],
  }),
  toClient('ldap.responses.operation', 'the operation of each response', number(255, OPERATIONS, true)),
  toClient('ldap.responses.count', 'how many responses there are', number(0xffff_ffff)),
  toClient('ldap.responses.dn', 'the name in each response'),
  toClient('ldap.responses.result_code', 'the result of each response', number(0xffff_ffff, RESULTS, true)),
  toClient('ldap.responses.message', 'the message in each response'),
  toClient('ldap.responses.attribute_type', 'each attribute of the responses', {
    aliases: ['ldap.responses.attributes'],
  }),
];
