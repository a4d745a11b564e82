/**
 * What to write instead of an address, a port or a protocol that is none: what people write by mistake. Stage: rule
 * (compile). Sentences only.
 */

const SERVICES: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  dns: 53,
  domain: 53,
  http: 80,
  pop3: 110,
  ntp: 123,
  imap: 143,
  snmp: 161,
  https: 443,
  tls: 443,
  smb: 445,
  mysql: 3306,
  rdp: 3389,
};

/** Protocols that go by another name here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  https: 'tls',
  ping: 'icmp',
  web: 'http',
  ftps: 'tls',
  any: 'ip',
  all: 'ip',
};

const PORT_FORMS = 'write a port, a range such as 1024: or 80:90, a list in brackets, or any';
const ADDRESS_FORMS = 'write an address, a block such as 10.0.0.0/8, a list in brackets, a variable, or any';

/** The protocol that was meant, where that is not a matter of spelling. */
export function meantProtocol(name: string): string | undefined {
  return Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
}

/** `isVariable` knows the names of variables, which want a dollar sign. */
export function portHint(text: string, isVariable: (name: string) => boolean): string {
  if (isVariable(text)) return `did you mean $${text}?`;
  const service = text.toLowerCase();
  if (Object.hasOwn(SERVICES, service)) return `write its number, ${SERVICES[service]}`;
  const [, low, separator, high] = /^(\d+)([-:])(\d+)$/.exec(text) ?? [];
  if (separator !== undefined && Number(low) > Number(high)) return `write ${high}:${low}`;
  if (separator === '-') return `write a range with a colon: ${low}:${high}`;
  return /^[\d:]+$/.test(text) && text !== ':' ? 'ports go from 0 to 65535' : PORT_FORMS;
}

/** As `portHint`, for an address. */
export function addressHint(text: string, isVariable: (name: string) => boolean): string {
  if (isVariable(text)) return `did you mean $${text}?`;
  const parts = /^(\d{1,3}(?:\.(?:\d{1,3}|\*|x))*)(?:\.?)$/i.exec(text)?.[1]!.split('.') ?? [];
  const given = parts.filter((part) => /^\d+$/.test(part));
  if (parts.length > 0 && given.length < 4)
    return `write a block: ${[...given, '0', '0', '0', '0'].slice(0, 4).join('.')}/${given.length * 8}`;
  if (parts.length > 0) return 'an IPv4 address has four numbers from 0 to 255';
  const port = /^(\d+\.\d+\.\d+\.\d+):(\S+)$/.exec(text);
  if (port !== null) return `the port stands behind a blank: ${port[1]} ${port[2]}`;
  const prefix = /^(\S+)\/\d+$/.exec(text);
  if (prefix !== null)
    return `write ${prefix[1]}/${prefix[1]!.includes(':') ? 64 : 24} for a block, or the address alone`;
  return /^(?=.*[a-z])[\w-]+(?:\.[\w-]+)+\.?$/i.test(text)
    ? 'names are not looked up: write its address, or look for the name with dns.query, http.host or tls.sni'
    : ADDRESS_FORMS;
}
