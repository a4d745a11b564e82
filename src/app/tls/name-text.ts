/**
 * Distinguished names (X.501) as text, as Suricata spells them: `C=US, O=Example, CN=example.com`. Stage: app. Called
 * once a certificate; allocates.
 *
 * Parts in their order, joined by ", "; attributes of one part by " + ". Bytes of texts are kept, zeros and what is no
 * UTF-8 too; the result is latin1, a character a byte. BMPString becomes UTF-8, what is no text hexadecimal digits.
 */
import { BerHeader } from '../../util/ber.js';

const SEQUENCE = 0x30;
const SET = 0x31;
const OBJECT = 0x06;
const BMP = 0x1e;
/** Tags of texts: UTF8, Numeric, Printable, Teletex, Videotex, IA5, times, Graphic, Visible, General. */
const TEXTS: ReadonlySet<number> = new Set([0x07, 0x0c, 0x12, 0x13, 0x14, 0x15, 0x16, 0x18, 0x19, 0x1a, 0x1b]);
const MOST_ATTRIBUTES = 64;

const NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'surname',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'streetAddress',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.41': 'name',
  '2.5.4.42': 'givenName',
  '2.5.4.43': 'initials',
  '2.5.4.44': 'generationQualifier',
  '2.5.4.46': 'dnQualifier',
  '2.5.29.17': 'subjectAltName',
  '1.2.840.113549.1.9.1': 'Email',
  '1.2.840.113549.1.9.2': 'unstructuredName',
  '0.9.2342.19200300.100.1.1': 'uid',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.3.6.1.4.1.311.60.2.1.1': 'msJurisdictionLocality',
  '1.3.6.1.4.1.311.60.2.1.2': 'msJurisdictionStateOrProvince',
  '1.3.6.1.4.1.311.60.2.1.3': 'msJurisdictionCountry',
};

const header = new BerHeader();

/** The name whose contents are [at, end); undefined where it is malformed. */
export function nameText(bytes: Uint8Array, at: number, end: number): string | undefined {
  const parts: string[] = [];
  while (at < end && parts.length < MOST_ATTRIBUTES) {
    if (!header.find(SET, bytes, at, end)) return undefined;
    const { contents, length } = header;
    const part = partText(bytes, contents, contents + length);
    if (part === undefined) return undefined;
    parts.push(part);
    at = contents + length;
  }
  return parts.join(', ');
}

function partText(bytes: Uint8Array, at: number, end: number): string | undefined {
  const attributes: string[] = [];
  while (at < end && attributes.length < MOST_ATTRIBUTES) {
    if (!header.find(SEQUENCE, bytes, at, end)) return undefined;
    const behind = header.contents + header.length;
    if (!header.find(OBJECT, bytes, header.contents, behind)) return undefined;
    const type = objectText(bytes, header.contents, header.contents + header.length);
    if (!header.read(bytes, header.contents + header.length, behind) || !header.isWithin(behind)) return undefined;
    attributes.push(`${NAMES[type] ?? `OID(${type})`}=${valueText(bytes)}`);
    at = behind;
  }
  return attributes.join(' + ');
}

function valueText(bytes: Uint8Array): string {
  const { identifier, contents, length } = header;
  const value = Buffer.from(bytes.slice(contents, contents + length));
  if (TEXTS.has(identifier)) return value.toString('latin1');
  if (identifier !== BMP) return value.toString('hex').toUpperCase();
  const text = value
    .subarray(0, value.length & ~1)
    .swap16()
    .toString('utf16le');
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** An object identifier with dots; of its numbers what fits in 53 bits. */
export function objectText(bytes: Uint8Array, at: number, end: number): string {
  const arcs: number[] = [];
  let value = 0;
  for (; at < end && arcs.length < MOST_ATTRIBUTES; at++) {
    value = value * 128 + (bytes[at] & 0x7f);
    if ((bytes[at] & 0x80) !== 0) continue;
    if (arcs.length > 0) arcs.push(value);
    else arcs.push(Math.min(2, Math.trunc(value / 40)), value - 40 * Math.min(2, Math.trunc(value / 40)));
    value = 0;
  }
  return arcs.join('.');
}
