/** What rules look at in NTP. Stage: app; names and shapes alone. Reference: Suricata, NTP keywords. */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs, number, numbered } from '../fields/field-spec.js';

const { both } = fieldSpecs('ntp');

const NTP_MODES = numbered('reserved symmetric_active symmetric_passive client server broadcast control private');

export const NTP_BUFFERS: readonly BufferSpec[] = [
  both('ntp.reference_id', 'the four bytes that name the source of the time', { kind: 'single', longest: 4 }),
  both('ntp.mode', 'the mode', number(255, NTP_MODES)),
  both('ntp.stratum', 'the distance to the source of the time', number(255)),
  both('ntp.version', 'the version', number(255)),
];
