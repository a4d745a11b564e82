/** The `quic` object of events, as Suricata prints it but for extensions. Stage: app; called for events alone. */
import { Span } from '../../memory/span.js';
import { printedText } from '../printed-text.js';
import type { HelloText } from '../tls/hello-text.js';
import { VERSION_2 } from './keys.js';

export interface PrintedQuic {
  readonly version: number;
  readonly client: HelloText;
  readonly server: HelloText;
}

const MOST_VALUE = 1024;
const span = new Span();

/** `"quic":{…}`. */
export function quicObject({ version, client, server }: PrintedQuic, bytes: Uint8Array): string {
  const text = (): string => JSON.stringify(printedText(bytes, span.start, Math.min(span.length, MOST_VALUE)));
  const members = [`"version":"${version === VERSION_2 ? 'v2' : version.toString(16)}"`];
  if (client.locateName(span)) members.push(`"sni":${text()}`);
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
  return `"quic":{${members.join(',')}}`;
}
