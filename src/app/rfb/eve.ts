/**
 * The `rfb` object of events, with the members that Suricata 8 prints. Stage: app; called for events alone, so it
 * allocates. Bound: 8 KiB.
 */
import { eventObject, type EventMembers } from '../fields/event-object.js';
import type { FieldTable } from '../fields/field-table.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';

const RESULTS: readonly string[] = ['OK', 'FAIL', 'TOOMANY'];
const VNC = 2;

export function rfbObject(tx: PlainTransaction, fields: FieldTable): string {
  const shared = tx.numberOf(fields.of('shared'));
  return eventObject('rfb', {
    server_protocol_version: version(tx.textOf(fields.of('server_version'))),
    client_protocol_version: version(tx.textOf(fields.of('client_version'))),
    authentication: authentication(tx, fields),
    server_security_failure_reason: tx.textOf(fields.of('reason')),
    screen_shared: shared === undefined ? undefined : shared !== 0,
    framebuffer: framebuffer(tx, fields),
  });
}

/** `RFB 003.008` */
const version = (text: string | undefined): EventMembers | undefined =>
  text === undefined ? undefined : { major: text.slice(4, 7), minor: text.slice(8, 11) };

function authentication(tx: PlainTransaction, fields: FieldTable): EventMembers {
  const type = tx.numberOf(fields.of('rfb.sectype'));
  const result = tx.numberOf(fields.of('rfb.secresult'));
  const hex = (name: string): string | undefined => {
    const bytes = tx.bytesOf(fields.of(name));
    return bytes && Buffer.from(bytes).toString('hex');
  };
  return {
    security_type: type,
    vnc: type === VNC ? { challenge: hex('challenge'), response: hex('response') } : undefined,
    security_result: result === undefined ? undefined : (RESULTS[result] ?? `UNKNOWN (${result})`),
  };
}

/** | width | height | bits, depth, big, true, three maxima (2), three shifts, 3 bytes | */
function framebuffer(tx: PlainTransaction, fields: FieldTable): EventMembers | undefined {
  const bytes = tx.bytesOf(fields.of('screen'));
  if (bytes === undefined) return undefined;
  const screen = Buffer.from(bytes);
  return {
    width: screen.readUInt16BE(0),
    height: screen.readUInt16BE(2),
    name: tx.textOf(fields.of('rfb.name')),
    pixel_format: {
      bits_per_pixel: screen[4],
      depth: screen[5],
      big_endian: screen[6] !== 0,
      true_color: screen[7] !== 0,
      red_max: screen.readUInt16BE(8),
      green_max: screen.readUInt16BE(10),
      blue_max: screen.readUInt16BE(12),
      red_shift: screen[14],
      green_shift: screen[15],
      blue_shift: screen[16],
    },
  };
}
