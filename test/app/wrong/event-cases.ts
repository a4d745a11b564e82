/** What is said wrong in a protocol, and which events it raises: ours beside Suricata's. */
import type { ApplicationName } from '../../../src/app/applications.js';
import type { ProtocolEvent } from '../../../src/app/protocol-event.js';
import type { Protocol } from '../../../src/app/protocol.js';
import type { Said } from '../../support/conversation.js';

export interface EventCases {
  readonly application: ApplicationName;
  readonly protocol: Protocol;
  readonly events: readonly ProtocolEvent[];
  readonly port: number;
  readonly udp?: true;
  /** What goes before each, so that the flow is told. */
  readonly first: readonly Said[];
  readonly cases: Readonly<Record<string, readonly Said[]>>;
  /** Events that other tests raise. */
  readonly elsewhere?: readonly string[];
  /** Why other events are raised here, by case. */
  readonly differs?: Readonly<Record<string, string>>;
}
