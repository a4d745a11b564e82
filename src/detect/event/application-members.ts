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

/** Whom a load balancer in front of the server named as the client (PROXY protocol). */
export interface ProxyMember {
  readonly srcIp: string;
  readonly srcPort: number;
  readonly destIp: string;
  readonly destPort: number;
}

export function applicationMembers(flow: Flow): string {
  const spoken = spokenApplication(flow);
  return (
    member('app_proto', spoken, NOT_KNOWN) +
    member('app_proto_ts', spokenBySide(flow, DIRECTION.toServer), spoken) +
    member('app_proto_tc', spokenBySide(flow, DIRECTION.toClient), spoken) +
    member('app_proto_orig', originalApplication(flow), spoken) +
    member('app_proto_expected', expectedApplication(flow), spoken)
  );
}

const member = (name: string, id: number, other: number): string =>
  id === NOT_KNOWN || id === other ? '' : `"${name}":"${APPLICATIONS[id - 1].name}",`;

/** As the header names the ends; Periscope's own. */
export function proxyMember(proxy: ProxyMember): string {
  const { srcIp, srcPort, destIp, destPort } = proxy;
  return `"proxy":${JSON.stringify({ src_ip: srcIp, src_port: srcPort, dest_ip: destIp, dest_port: destPort })},`;
}
