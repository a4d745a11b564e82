/**
 * The `nfs` and `rpc` objects of events, with members that Suricata 8 prints. Stage: app; called for events alone, so
 * it allocates. Bound: 8 KiB each.
 */
import { crc32 } from 'node:zlib';
import { eventObject, type EventMembers } from '../fields/event-object.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { isRead, isWrite } from './arguments.js';
import { authenticationName, procedureName, statusName } from './names.js';
import { NFS_FIELD as F } from './fields.js';

const ACCEPTED = 0;
const LOOKUP = 'LOOKUP';

export const nfsObjects = (tx: PlainTransaction): string => `${nfsObject(tx)},${rpcObject(tx)}`;

function rpcObject(tx: PlainTransaction): string {
  const answered = tx.numberOf(F.answered);
  const flavor = tx.numberOf(F.flavor);
  const machine = tx.textOf(F.machine);
  return eventObject('rpc', {
    xid: tx.key,
    status: answered === undefined ? undefined : answered === ACCEPTED ? 'ACCEPTED' : 'DENIED',
    auth_type: flavor === undefined ? undefined : authenticationName(flavor),
    creds:
      machine === undefined
        ? undefined
        : { machine_name: machine, uid: tx.numberOf(F.user), gid: tx.numberOf(F.group) },
  });
}

function nfsObject(tx: PlainTransaction): string {
  const version = tx.numberOf(F.version);
  const procedure = tx.numberOf(F.procedure);
  const status = tx.numberOf(F.status);
  const filename = tx.textOf(F.filename) ?? '';
  const renamed = tx.textOf(F.renamed);
  const isKnown = version !== undefined && procedure !== undefined;
  const reads = isKnown && isRead(version, procedure);
  const writes = isKnown && isWrite(version, procedure);
  const name = isKnown ? procedureName(version, procedure) : undefined;
  // What is looked up is not the directory; what is not found has no handle.
  const handle = tx.bytesOf(F.given) ?? (name === LOOKUP ? undefined : tx.bytesOf(F.handle));
  return eventObject('nfs', {
    version,
    procedure: name,
    filename,
    hhash: handle === undefined ? undefined : crc32(handle).toString(16),
    id: tx.id + 1,
    file_tx: reads || writes,
    type: tx.has(F.answered) ? 'response' : 'request',
    status: status === undefined ? undefined : statusName(status),
    rename: renamed === undefined ? undefined : { from: filename, to: renamed },
    read: reads ? partOf(tx) : undefined,
    write: writes ? partOf(tx) : undefined,
  });
}

/** Which part of its file a call reads or writes. */
function partOf(tx: PlainTransaction): EventMembers {
  const isLast = tx.numberOf(F.last) === 1;
  return {
    first: tx.numberOf(F.offset) === 0,
    last: isLast,
    last_xid: isLast ? tx.key : 0,
    chunks: tx.numberOf(F.status) === 0 ? 1 : 0,
  };
}
