/**
 * What may be odd about how the application of a connection is told, for rules (`app-layer-event`) and events of
 * anomalies. Stage: app; data only. Names as in Suricata.
 */
import type { Oddity } from '../flow/told-application.js';
import { APPLICATIONS, type ApplicationName } from './applications.js';

export interface IdentificationEvent {
  readonly name: string;
  /** What is odd of what the sides speak, and the applications that it is asked of. */
  readonly side: Oddity;
  readonly applications: readonly ApplicationName[];
}

const ALL: readonly ApplicationName[] = APPLICATIONS.map(({ name }) => name);

export const IDENTIFICATION_EVENTS: readonly IdentificationEvent[] = [
  { name: 'applayer_mismatch_protocol_both_directions', side: 'differ', applications: ['failed'] },
  { name: 'applayer_detect_protocol_only_one_direction', side: 'one_known', applications: ['failed'] },
  // Of those that clients begin Suricata tells TLS alone.
  { name: 'applayer_wrong_direction_first_data', side: 'alone', applications: ['tls'] },
  { name: 'applayer_proto_detection_skipped', side: 'alone', applications: ['failed'] },
  { name: 'applayer_unexpected_protocol', side: 'not_expected', applications: ALL },
  { name: 'applayer_no_tls_after_starttls', side: 'not_expected', applications: ['tls'] },
];
