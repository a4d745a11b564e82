/** Names of record types and response codes (IANA, DNS parameters), as events spell them. Stage: app; data only. */
const TYPES =
  '1 A 2 NS 3 MD 4 MF 5 CNAME 6 SOA 7 MB 8 MG 9 MR 10 NULL 11 WKS 12 PTR 13 HINFO 14 MINFO 15 MX 16 TXT ' +
  '17 RP 18 AFSDB 19 X25 20 ISDN 21 RT 22 NSAP 23 NSAPPTR 24 SIG 25 KEY 26 PX 27 GPOS 28 AAAA 29 LOC ' +
  '30 NXT 33 SRV 34 ATMA 35 NAPTR 36 KX 37 CERT 38 A6 39 DNAME 41 OPT 42 APL 43 DS 44 SSHFP 45 IPSECKEY ' +
  '46 RRSIG 47 NSEC 48 DNSKEY 49 DHCID 50 NSEC3 51 NSEC3PARAM 52 TLSA 55 HIP 59 CDS 60 CDNSKEY 65 HTTPS ' +
  '99 SPF 249 TKEY 250 TSIG 254 MAILA 255 ANY 256 URI';

const CODES = 'NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE'.split(' ');

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Array.from(TYPES.matchAll(/(\d+) (\S+)/g), ([, number, name]) => [Number(number), name] as const),
);

/** The name, or the number where it has none. */
export const typeName = (type: number): string => TYPE_NAMES.get(type) ?? String(type);
export const codeName = (code: number): string => CODES[code] ?? String(code);

/** Those that rules may name besides, in small letters. */
const MORE_TYPES = { smimea: 53, openpgpkey: 61, csync: 62, zonemd: 63, svcb: 64 };
const MORE_CODES = { badvers: 16, badkey: 17, badtime: 18, badmode: 19, badname: 20, badalg: 21, badtrunc: 22 };

export const RECORD_TYPES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from(TYPE_NAMES, ([number, name]) => [name.toLowerCase(), number])),
  ...MORE_TYPES,
};
export const RESPONSE_CODES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(CODES.map((name, number) => [name.toLowerCase(), number])),
  ...MORE_CODES,
};
