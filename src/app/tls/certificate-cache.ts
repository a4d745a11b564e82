/**
 * Certificates that were read, by fingerprint. Stage: app. Servers have few certificates, and each goes by with every
 * connection: one is read once and then found by its SHA-1. Bounded; the one not seen for longest gives way.
 */
import { hash } from 'node:crypto';
import { CertificateReader, type Certificate } from './certificate.js';

const MOST = 512;

export class CertificateCache {
  private readonly known = new Map<string, Certificate>();
  private readonly reader = new CertificateReader();

  /** The certificate in [start, end), or what there `isCut` of it. */
  get(bytes: Uint8Array, start: number, end: number, isCut: boolean): Certificate {
    const fingerprint = hash('sha1', new Uint8Array(bytes.buffer, start, end - start), 'hex');
    const key = isCut ? `${fingerprint} cut` : fingerprint;
    const known = this.known.get(key);
    if (known !== undefined) {
      this.known.delete(key);
      this.known.set(key, known);
      return known;
    }
    const certificate = this.reader.read(bytes, start, end, isCut ? undefined : fingerprint);
    if (this.known.size === MOST) this.known.delete(this.known.keys().next().value!);
    this.known.set(key, certificate);
    return certificate;
  }
}
