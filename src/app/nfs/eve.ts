/**
 * The `nfs` and `rpc` objects of events, with members that Suricata 8 prints. Stage: app; called for events alone, so
 * it allocates. Bound: 8 KiB each.
 */
import { crc32 } from 'node:zlib';
import { eventObject, type EventMembers } from '../fields/event-object.js';
import { authenticationName, procedureName, statusName } from './names.js';
import { NFS_FIELD as F } from './fields.js';
import { mainOf } from './operations.js';
import { UNKNOWN, type NfsTransaction } from './transaction.js';

const ACCEPTED = 0;
const LOOKUP = 'LOOKUP';

export const nfsObjects = (tx: NfsTransaction): string => `${nfsObject(tx)},${rpcObject(tx)}`;

function rpcObject(tx: NfsTransaction): string {
  const flavor = tx.numberOf(F.flavor);
  const machine = tx.textOf(F.machine);
  return eventObject('rpc', {
    xid: tx.isOfFile ? tx.firstKey : tx.key,
    status: tx.accepted === UNKNOWN ? undefined : tx.accepted === ACCEPTED ? 'ACCEPTED' : 'DENIED',
    auth_type: flavor === undefined ? undefined : authenticationName(flavor),
    creds:
      machine === undefined
        ? undefined
        : { machine_name: machine, uid: tx.numberOf(F.user), gid: tx.numberOf(F.group) },
  });
}

function nfsObject(tx: NfsTransaction): string {
  const version = tx.numberOf(F.version);
  const procedure = procedureOf(tx);
  const filename = tx.textsOf(F.filename).findLast((name) => name !== '') ?? '';
  const renamed = tx.textOf(F.renamed);
  const isKnown = version !== undefined && procedure !== undefined;
  const name = isKnown ? procedureName(version, procedure) : undefined;
  // What is looked up is not the directory; what is not found has no handle.
  const given = tx.bytesOf(F.given, Math.max(0, tx.countOf(F.given) - 1));
  const handle = given ?? (name === LOOKUP ? undefined : tx.bytesOf(F.handle));
  return eventObject('nfs', {
    version,
    procedure: name,
    filename,
    hhash: handle === undefined || handle.length === 0 ? undefined : crc32(handle).toString(16),
    id: tx.id + 1,
    file_tx: tx.isOfFile,
    type: tx.accepted === UNKNOWN ? 'request' : 'response',
    status: tx.status === UNKNOWN ? undefined : statusName(tx.status),
    rename: renamed === undefined ? undefined : { from: filename, to: renamed },
    read: tx.way === 1 ? partsOf(tx) : undefined,
    write: tx.way === 0 ? partsOf(tx) : undefined,
  });
}

/** Of version 4 what the call is about, among its operations. */
function procedureOf(tx: NfsTransaction): number | undefined {
  const all = tx.allOf(F.procedure) as number[];
  return all.length < 2 ? all[0] : all.reduce(mainOf, 0);
}

/** What is read or written of its file. */
const partsOf = ({ lastKey, parts }: NfsTransaction): EventMembers => ({
  first: true,
  last: lastKey !== UNKNOWN,
  last_xid: Math.max(0, lastKey),
  chunks: parts,
});
