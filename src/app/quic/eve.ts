/** The `quic` object of events, as Suricata prints it. Stage: app; called for events alone. Bound: 8 KiB. */
import { Span } from '../../memory/span.js';
import { printedText } from '../printed-text.js';
import type { HelloText } from '../tls/hello-text.js';
import { extensionsMember } from './extensions.js';
import type { GoogleHello } from './google-hello.js';
import { isInTheOpen } from './google-packet.js';
import { VERSION_2 } from './keys.js';

export interface PrintedQuic {
  readonly version: number;
  readonly client: HelloText;
  readonly server: HelloText;
  readonly google: GoogleHello;
}

const MOST_VALUE = 1024;
const span = new Span();

/** `"quic":{…}`. */
export function quicObject({ version, client, server, google }: PrintedQuic, bytes: Uint8Array): string {
  const text = (): string => JSON.stringify(printedText(bytes, span.start, Math.min(span.length, MOST_VALUE)));
  const members = [`"version":"${versionText(version)}"`];
  if (client.locateName(span) || google.locateName(span)) members.push(`"sni":${text()}`);
  if (google.locateAgent(span)) members.push(`"ua":${text()}`);
  if (google.locateCyuHash(span)) {
    const digest = text();
    google.locateCyu(span);
    members.push(`"cyu":[{"hash":${digest},"string":${text()}}]`);
  }
  for (const [name, hello] of [
    ['ja3', client],
    ['ja3s', server],
  ] as const) {
    if (!hello.locateJa3Hash(span)) continue;
    const digest = text();
    hello.locateJa3(span);
    members.push(`"${name}":{"hash":${digest},"string":${text()}}`);
  }
  if (client.locateJa4(true, span)) members.push(`"ja4":${text()}`);
  const extensions = extensionsMember(bytes, client.isThere ? client : server);
  if (extensions !== '') members.push(extensions);
  return `"quic":{${members.join(',')}}`;
}

function versionText(version: number): string {
  if (isInTheOpen(version)) return `Q0${(version >>> 8) & 0x0f}${version & 0x0f}`;
  return version === VERSION_2 ? 'v2' : version.toString(16);
}
