/**
 * The `dcerpc` object of events, with the members that Suricata 8 prints. Stage: app; called for events alone, so it
 * allocates. Bound: 8 KiB.
 */
import { eventObject, type EventMembers } from '../fields/event-object.js';
import { printedUuid, type NamedInterface, type RpcTransaction } from './rpc-transaction.js';
import { TYPE, typeName } from './type-names.js';

/** What is printed of a call. */
export type PrintedCall = RpcTransaction & {
  readonly isDatagram: boolean;
  readonly activity: Uint8Array;
  readonly sequence: number;
};

export function dcerpcObject(tx: PrintedCall): string {
  return eventObject('dcerpc', {
    ...requestOf(tx),
    ...responseOf(tx),
    ...(tx.isDatagram
      ? { activityuuid: printedUuid(tx.activity, 0), seqnum: tx.sequence, rpc_version: '4.0' }
      : { call_id: tx.callId, rpc_version: `5.${tx.minorVersion}` }),
  });
}

function requestOf(tx: PrintedCall): EventMembers {
  if (!tx.isRequestSeen) return { request: 'REQUEST_LOST' };
  return {
    request: typeName(tx.requestType),
    ...(tx.requestType === TYPE.request
      ? { req: { opnum: tx.opnum, frag_cnt: tx.fragments[0], stub_data_size: tx.stubBytes(0) } }
      : {}),
    ...(tx.isDatagram ? {} : interfacesOf(tx)),
  };
}

function interfacesOf(tx: PrintedCall): EventMembers {
  const named = tx.interfaces();
  if (named.length === 0 || tx.requestType === TYPE.alterContext) return {};
  return { interfaces: named.map(({ uuid, version, ack_result }: NamedInterface) => ({ uuid, version, ack_result })) };
}

function responseOf(tx: PrintedCall): EventMembers {
  if (!tx.isResponseSeen) return { response: 'UNREPLIED' };
  return {
    response: typeName(tx.responseType),
    ...(tx.responseType === TYPE.response
      ? { res: { frag_cnt: tx.fragments[1], stub_data_size: tx.stubBytes(1) } }
      : {}),
  };
}
