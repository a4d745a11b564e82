/** Names of what a client of RDP tells of itself (MS-RDPBCGR, 2.2.1.3.2; MS-LCID). Stage: app; data only. */
const numbers = (list: string, from = 0): Record<number, string> =>
  Object.fromEntries(list.split(' ').map((name, index) => [from + index, name]));

export const VERSIONS: Readonly<Record<number, string>> = {
  0x80001: 'v4',
  ...numbers('v5 v10.0 v10.1 v10.2 v10.3 v10.4 v10.5 v10.6 v10.7', 0x80004),
};

export const KEYBOARDS = numbers('xt ico at enhanced 1050 9140 jp', 1);

export const HINTS = numbers('modem low_broadband satellite high_broadband wan lan autodetect', 1);

/** Bits of colors, by the number in the last field that says so. */
export const DEPTHS: Readonly<Record<'high' | 'other' | 'first', Readonly<Record<number, number>>>> = {
  high: { 4: 4, 8: 8, 15: 15, 16: 16, 24: 24 },
  other: { 0xca00: 4, 0xca01: 8, 0xca02: 15, 0xca03: 16, 0xca04: 24 },
  first: { 0xca00: 4, 0xca01: 8 },
};

export const CAPABILITIES: Readonly<Record<number, string>> = {
  0x1: 'support_errinfo_pdf',
  0x2: 'want_32bpp_session',
  0x4: 'support_statusinfo_pdu',
  0x8: 'strong_asymmetric_keys',
  0x20: 'valid_connection_type',
  0x40: 'support_monitor_layout_pdu',
  0x80: 'support_netchar_autodetect',
  0x100: 'support_dynvc_gfx_protocol',
  0x200: 'support_dynamic_time_zone',
  0x400: 'support_heartbeat_pdu',
};

/** The layouts that are seen most; others are `unknown`. */
export const LAYOUTS: Readonly<Record<number, string>> = {
  0x401: 'ar-SA',
  0x404: 'zh-TW',
  0x405: 'cs-CZ',
  0x406: 'da-DK',
  0x407: 'de-DE',
  0x408: 'el-GR',
  0x409: 'en-US',
  0x40b: 'fi-FI',
  0x40c: 'fr-FR',
  0x40d: 'he-IL',
  0x40e: 'hu-HU',
  0x410: 'it-IT',
  0x411: 'ja-JP',
  0x412: 'ko-KR',
  0x413: 'nl-NL',
  0x414: 'nb-NO',
  0x415: 'pl-PL',
  0x416: 'pt-BR',
  0x418: 'ro-RO',
  0x419: 'ru-RU',
  0x41b: 'sk-SK',
  0x41d: 'sv-SE',
  0x41e: 'th-TH',
  0x41f: 'tr-TR',
  0x421: 'id-ID',
  0x422: 'uk-UA',
  0x429: 'fa-IR',
  0x42a: 'vi-VN',
  0x804: 'zh-CN',
  0x807: 'de-CH',
  0x809: 'en-GB',
  0x80a: 'es-MX',
  0x80c: 'fr-BE',
  0x813: 'nl-BE',
  0x816: 'pt-PT',
  0xc07: 'de-AT',
  0xc09: 'en-AU',
  0xc0a: 'es-ES',
  0xc0c: 'fr-CA',
  0x1009: 'en-CA',
  0x100c: 'fr-CH',
};

/** Releases of Windows, by their build. */
const BUILDS: Readonly<Record<number, string>> = {
  528: 'Windows NT 3.1',
  807: 'Windows NT 3.5',
  1057: 'Windows NT 3.51',
  1381: 'Windows NT 4.0',
  2195: 'Windows 2000',
  2600: 'Windows XP',
  3790: 'Windows Server 2003',
  6000: 'Windows Vista RTM',
  6001: 'Windows Vista SP1',
  6002: 'Windows Vista SP2',
  7600: 'Windows 7 RTM',
  7601: 'Windows 7 SP1',
  9200: 'Windows 8',
  9600: 'Windows 8.1',
  10240: 'Windows 10 TH1',
  10586: 'Windows 10 TH2',
  14393: 'Windows 10 RS1',
  15063: 'Windows 10 RS2',
  16299: 'Windows 10 RS3',
  17134: 'Windows 10 RS4',
  17763: 'Windows 10 RS5',
};

export const buildName = (number: number): string => BUILDS[number] ?? 'unknown';
