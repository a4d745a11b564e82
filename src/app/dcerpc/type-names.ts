/** Types of messages of DCE/RPC, as events name them. Stage: app; data only. C706, chapter 12. */
const TYPE_NAMES = [
  'REQUEST',
  'PING',
  'RESPONSE',
  'FAULT',
  'WORKING',
  'NOCALL',
  'REJECT',
  'ACK',
  'CL_CANCEL',
  'FACK',
  'CANCEL_ACK',
  'BIND',
  'BINDACK',
  'BINDNAK',
  'ALTER_CONTEXT',
  'ALTER_CONTEXT_RESP',
  'AUTH3',
  'SHUTDOWN',
  'CO_CANCEL',
  'ORPHANED',
  'RTS',
];

export const TYPE = {
  request: 0,
  response: 2,
  fault: 3,
  reject: 6,
  bind: 11,
  bindAck: 12,
  bindNak: 13,
  alterContext: 14,
  alterContextResponse: 15,
} as const;

export const LAST_TYPE = TYPE_NAMES.length - 1;

export const typeName = (type: number): string => TYPE_NAMES[type] ?? String(type);
