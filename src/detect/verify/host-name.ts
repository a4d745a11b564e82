/**
 * The parts of a host name that only the list of public suffixes tells apart (publicsuffix.org; ICANN's and private
 * ones). Stage: detect (verify). A name under a suffix that is not listed has its last label for one. Allocates.
 */
import { getDomain, getPublicSuffix } from 'tldts';

const OPTIONS = {
  allowPrivateDomains: true,
  extractHostname: false,
  validateHostname: false,
  detectIp: false,
} as const;

/** The registered domain (the suffix and one label before it), in the letters of the name; '' where there is none. */
export function registeredDomain(name: string): string {
  return ending(name, getDomain);
}

/** The public suffix of its registered domain, as in Suricata: of a name without one, as `com` alone, there is none. */
export function publicSuffix(name: string): string {
  return registeredDomain(name) === '' ? '' : ending(name, getPublicSuffix);
}

/** The list is in small letters; a dot at the end, as DNS writes a full name, is no part of it. */
function ending(name: string, find: typeof getDomain): string {
  const full = name.endsWith('.') ? name.slice(0, -1) : name;
  const length = find(full.toLowerCase(), OPTIONS)?.length ?? 0;
  return full.slice(full.length - length);
}
