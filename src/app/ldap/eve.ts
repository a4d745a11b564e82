/** The `ldap` object of events. Stage: app; called for events alone, so it allocates. Bound: 8 KiB. */
import { eventObject } from '../fields/event-object.js';
import type { FieldTable } from '../fields/field-table.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { operationName, resultName } from './names.js';

export function ldapObject(tx: PlainTransaction, fields: FieldTable): string {
  const all = (name: string): (string | number)[] => tx.allOf(fields.of(name));
  const operation = tx.numberOf(fields.of('ldap.request.operation'));
  const [results, messages, attributes] = [
    all('ldap.responses.result_code'),
    all('ldap.responses.message'),
    all('ldap.request.attribute_type'),
  ];
  return eventObject('ldap', {
    request:
      operation === undefined
        ? undefined
        : {
            operation: operationName(operation),
            message_id: tx.numberOf(fields.of('message_id')),
            version: tx.numberOf(fields.of('version')),
            dn: tx.textOf(fields.of('ldap.request.dn')),
            attributes: attributes.length === 0 ? undefined : attributes,
          },
    responses: all('ldap.responses.operation').map((code) => ({
      operation: operationName(Number(code)),
      message_id: tx.key,
    })),
    result_code: results.length === 0 ? undefined : resultName(Number(results.at(-1))),
    message: messages.at(-1),
  });
}
