/** Keywords of DNS, mDNS and LLMNR. Stage: rule; data only. Reference: Suricata, keywords of each. */
import { many, numberOrWords, UINT8 } from './value-syntax.js';
import type { Keyword, WaitingProtocol } from './waiting-keyword.js';

const TYPES = 'a ns md mf cname soa mb mg mr null wks ptr hinfo minfo mx txt rp afsdb x25 isdn rt nsap nsapptr sig key px gpos aaaa loc nxt srv atma naptr kx cert a6 dname opt apl ds sshfp ipseckey rrsig nsec dnskey dhcid nsec3 nsec3param tlsa smimea hip cds cdnskey openpgpkey csync zonemd svcb https spf tkey tsig maila any uri';
const CODES = 'noerror formerr servfail nxdomain notimp refused yxdomain yxrrset nxrrset notauth notzone badvers badkey badtime badmode badname badalg badtrunc';

export const DNS: WaitingProtocol = {
  protocol: 'dns',
  toServer: 'dns.query',
  toClient: 'dns.response.rrname',
  buffers: [
    ['dns.query dns_query', 'the name that is asked for'],
    ['dns.query.name', 'each name of the queries'],
    ['dns.queries.rrname', 'each name of the queries'],
    ['dns.answer.name', 'each name of the answers'],
    ['dns.answers.rrname', 'each name of the answers'],
    ['dns.authorities.rrname', 'each name of the authorities'],
    ['dns.additionals.rrname', 'each name of the additional records'],
    ['dns.response.rrname', 'each name of a response'],
  ],
  conditions: [
    ['dns.opcode', 'compares the kind of query', UINT8],
    ['dns.rcode', 'compares the response code', numberOrWords(0xffff, CODES)],
    ['dns.rrtype', 'compares the type of record that is asked for', many(numberOrWords(0xffff, TYPES))],
  ],
};

export const MDNS: WaitingProtocol = { protocol: 'mdns', buffers: names('mdns') };
export const LLMNR: WaitingProtocol = { protocol: 'llmnr', buffers: names('llmnr') };

function names(protocol: string): Keyword[] {
  return [
    [`${protocol}.queries.rrname`, 'each name of the queries'],
    [`${protocol}.answers.rrname`, 'each name of the answers'],
    [`${protocol}.authorities.rrname`, 'each name of the authorities'],
    [`${protocol}.additionals.rrname`, 'each name of the additional records'],
    [`${protocol}.response.rrname`, 'each name of a response'],
  ];
}
