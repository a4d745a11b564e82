/**
 * What rules look at in QUIC. Stage: app; names and shapes alone. Reference: Suricata's documentation of its QUIC
 * keywords. The fingerprints of its hellos are those of TLS (tls/buffers.ts), whose progress numbers hold for it too.
 */
import type { BufferSpec } from '../buffer-spec.js';

/** How far a side is: its hello was read, or none will be. */
export const QUIC_STATE = { hello: 1 } as const;

const quic = (name: string, what: string): BufferSpec => ({
  name,
  what,
  applications: ['quic'],
  scope: 'tx',
  kind: 'single',
  toServer: QUIC_STATE.hello,
});

export const QUIC_BUFFERS: readonly BufferSpec[] = [
  quic('quic.sni', 'the server name that the client asks for'),
  quic('quic.ua', "the user agent of a client of Google's QUIC"),
  {
    ...quic('quic.cyu.hash', "the CYU hash of a client of Google's QUIC"),
    aliases: ['cyu.hash'],
    lowercase: true,
  },
  { ...quic('quic.cyu.string', "the CYU text of a client of Google's QUIC"), aliases: ['cyu.string'] },
  { ...quic('quic.version', 'the four bytes of the version'), toClient: QUIC_STATE.hello },
];
