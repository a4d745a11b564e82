/**
 * The ports that the sides of FTP agree on: PORT and EPRT, and the replies to PASV and EPSV. Stage: app. RFC 959, RFC
 * 2428. Allocates nothing.
 *
 *   PORT 10,0,0,1,4,1     EPRT |1|10.0.0.1|1025|     227 … 10,0,0,1,4,1 …     229 … (|||1025|)
 */
const DIGIT_0 = 0x30;
const COMMA = 0x2c;
const DOT = 0x2e;
const OPEN = 0x28;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** What a text names: read by `readHostPort` and the others; as it was where they yield false. */
export class HostPort {
  port = 0;
  /** The IPv4 address, 32 bits, where there is one. */
  address = 0;
  hasAddress = false;
  private at = 0;

  /** Six numbers, from the first digit of [start, end) on. */
  readNumbers(bytes: Uint8Array, start: number, end: number): boolean {
    this.at = start;
    while (this.at < end && !isDigit(bytes[this.at])) this.at++;
    const address = this.quad(bytes, end, COMMA);
    if (address < 0 || !this.skip(bytes, end, COMMA)) return false;
    const high = this.decimal(bytes, end, 255);
    if (high < 0 || !this.skip(bytes, end, COMMA)) return false;
    const low = this.decimal(bytes, end, 255);
    return low >= 0 && this.set(high * 256 + low, address);
  }

  /** EPRT: a family, an address and a port between the same character. */
  readExtended(bytes: Uint8Array, start: number, end: number): boolean {
    const mark = bytes[start]!;
    this.at = start + 1;
    if (end - start < 2 || isDigit(mark)) return false;
    const family = this.decimal(bytes, end, 9);
    if (family < 0 || !this.skip(bytes, end, mark)) return false;
    const address = family === 1 ? this.quad(bytes, end, DOT) : -1;
    while (this.at < end && bytes[this.at] !== mark) this.at++;
    return this.portBehind(bytes, end, mark, address);
  }

  /** The reply to EPSV: a port alone, behind three times the same character. */
  readPortAlone(bytes: Uint8Array, start: number, end: number): boolean {
    this.at = start;
    while (this.at < end && bytes[this.at] !== OPEN) this.at++;
    const mark = bytes[this.at + 1]!;
    this.at++;
    if (this.at + 3 > end || !this.skip(bytes, end, mark) || !this.skip(bytes, end, mark)) return false;
    return this.portBehind(bytes, end, mark, -1);
  }

  private portBehind(bytes: Uint8Array, end: number, mark: number, address: number): boolean {
    if (!this.skip(bytes, end, mark)) return false;
    const port = this.decimal(bytes, end, 65_535);
    return port > 0 && this.skip(bytes, end, mark) && this.set(port, address);
  }

  /** An address of four numbers; -1 for none. */
  private quad(bytes: Uint8Array, end: number, mark: number): number {
    let address = 0;
    for (let part = 0; part < 4; part++) {
      const number = part > 0 && !this.skip(bytes, end, mark) ? -1 : this.decimal(bytes, end, 255);
      if (number < 0) return -1;
      address = address * 256 + number;
    }
    return address;
  }

  private decimal(bytes: Uint8Array, end: number, most: number): number {
    if (this.at >= end || !isDigit(bytes[this.at])) return -1;
    let value = 0;
    while (this.at < end && isDigit(bytes[this.at]) && value <= most) value = value * 10 + bytes[this.at++]! - DIGIT_0;
    return value <= most ? value : -1;
  }

  private skip(bytes: Uint8Array, end: number, mark: number): boolean {
    if (this.at >= end || bytes[this.at] !== mark) return false;
    this.at++;
    return true;
  }

  private set(port: number, address: number): boolean {
    this.port = port;
    this.hasAddress = address >= 0;
    if (this.hasAddress) this.address = address | 0;
    return port > 0;
  }
}
