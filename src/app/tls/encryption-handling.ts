/**
 * What becomes of a TLS connection from where it is encrypted, as a setting. Stage: app; names alone. As Suricata has
 * them.
 */
export const ENCRYPTION_HANDLINGS = ['track-only', 'bypass', 'full'] as const;

/**
 * - `track-only`: its payload is not inspected; rules about packets that ask for none go on.
 * - `bypass`: nothing of it is inspected any more.
 * - `full`: it is inspected like any other, and records are parsed to the end.
 */
export type EncryptionHandling = (typeof ENCRYPTION_HANDLINGS)[number];
