/**
 * What an event says of the application that its flow speaks, with the comma behind it. Stage: detect. Names and forms
 * are those of Suricata's EVE: a side is named where it differs from the flow. Events may allocate.
 */
import { APPLICATIONS, NOT_KNOWN } from '../../app/applications.js';
import { DIRECTION, type Flow } from '../../flow/flow.js';
import {
  expectedApplication,
  originalApplication,
  spokenApplication,
  spokenBySide,
} from '../../flow/flow-application.js';
import { fragment, QUOTE_COMMA, type EventLine } from './event-line.js';

const SPOKEN = fragment('"app_proto":"');
const BY_CLIENT = fragment('"app_proto_ts":"');
const BY_SERVER = fragment('"app_proto_tc":"');
const ORIGINAL = fragment('"app_proto_orig":"');
const EXPECTED = fragment('"app_proto_expected":"');

/** Whom a load balancer in front of the server named as the client (PROXY protocol). */
export interface ProxyMember {
  readonly srcIp: string;
  readonly srcPort: number;
  readonly destIp: string;
  readonly destPort: number;
}

export function appendApplications(line: EventLine, flow: Flow): void {
  const spoken = spokenApplication(flow);
  append(line, SPOKEN, spoken, NOT_KNOWN);
  append(line, BY_CLIENT, spokenBySide(flow, DIRECTION.toServer), spoken);
  append(line, BY_SERVER, spokenBySide(flow, DIRECTION.toClient), spoken);
  append(line, ORIGINAL, originalApplication(flow), spoken);
  append(line, EXPECTED, expectedApplication(flow), spoken);
}

function append(line: EventLine, member: Uint8Array, id: number, other: number): void {
  if (id !== NOT_KNOWN && id !== other)
    line
      .put(member)
      .append(APPLICATIONS[id - 1].name)
      .put(QUOTE_COMMA);
}

/** As the header names the ends; Periscope's own. */
export function proxyMember(proxy: ProxyMember): string {
  const { srcIp, srcPort, destIp, destPort } = proxy;
  return `"proxy":${JSON.stringify({ src_ip: srcIp, src_port: srcPort, dest_ip: destIp, dest_port: destPort })},`;
}
