/** Dates in certificates (RFC 5280, 4.1.2.5): `YYMMDDHHMMSSZ` and `YYYYMMDDHHMMSSZ`. Stage: app. */
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const FORM = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?(?:Z|([+-])(\d\d)(\d\d))$/;

/** Seconds since 1970; NaN for what is no date. */
export function timeOf(bytes: Uint8Array, tag: number, at: number, end: number): number {
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) return NaN;
  const digits = String.fromCharCode(...bytes.slice(at, Math.min(end, at + 32)));
  // Two digits of a year: from 1950 on.
  const century = tag === GENERALIZED_TIME ? '' : Number(digits.slice(0, 2)) >= 50 ? '19' : '20';
  const parts = FORM.exec(century + digits);
  if (parts === null) return NaN;
  const [year, month, day, hour, minute, second = 0] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  if (month! < 1 || month! > 12 || day! < 1 || day! > 31 || hour! > 23 || minute! > 59 || second > 60) return NaN;
  const offset = (parts[7] === '-' ? -1 : 1) * (Number(parts[8] ?? 0) * 3600 + Number(parts[9] ?? 0) * 60);
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day!);
  date.setUTCHours(hour!, minute!, second);
  return date.getTime() / 1000 - offset;
}
