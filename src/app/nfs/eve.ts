/**
 * The `nfs` object of events, with members that Suricata 8 prints. Stage: app; called for events alone, so it
 * allocates. Bound: 8 KiB.
 */
import { eventObject } from '../fields/event-object.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { procedureName, statusName } from './names.js';
import { NFS_FIELD as F } from './fields.js';

/** Those that carry parts of files, by version. */
const OF_DATA: Readonly<Record<number, readonly number[]>> = { 2: [6, 8], 3: [6, 7] };

export function nfsObject(tx: PlainTransaction): string {
  const version = tx.numberOf(F.version);
  const procedure = tx.numberOf(F.procedure);
  const status = tx.numberOf(F.status);
  const filename = tx.textOf(F.filename) ?? '';
  const renamed = tx.textOf(F.renamed);
  const isKnown = version !== undefined && procedure !== undefined;
  return eventObject('nfs', {
    version,
    procedure: isKnown ? procedureName(version, procedure) : undefined,
    filename,
    id: tx.id + 1,
    file_tx: isKnown && OF_DATA[version]?.includes(procedure) === true,
    type: tx.has(F.answered) ? 'response' : 'request',
    status: status === undefined ? undefined : statusName(status),
    rename: renamed === undefined ? undefined : { from: filename, to: renamed },
  });
}
