/** What the admin port shows for TLS: read from files at the start and at each reload. Stage: cli. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config/schema.js';
import type { Identity } from '../metrics/admin-server.js';
import { reasonOf } from '../util/reason.js';

/** Undefined where no TLS is asked for. Throws, with a message for people, where it cannot be had. */
export function adminIdentity({ adminTls: { certificate, key } }: Config): Identity | undefined {
  if (certificate === '') return undefined;
  const identity = { cert: read('certificate', certificate), key: read('key', key) };
  try {
    // An empty text would be taken for none.
    void new X509Certificate(identity.cert);
    createSecureContext(identity);
  } catch (error) {
    throw new Error(`adminTls: ${certificate} and ${key} make no certificate with its key: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  return identity;
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`adminTls.${name}: cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
