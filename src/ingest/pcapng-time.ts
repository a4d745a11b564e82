/**
 * Time stamps of pcapng: 64-bit counts of a unit that each interface chooses. Stage: ingest, captures.
 * Format: draft-ietf-opsawg-pcapng, if_tsresol and if_tsoffset. Exact to the microsecond for every resolution in use;
 * allocates nothing per time stamp.
 */
const WORD = 0x1_0000_0000;

export class TimeResolution {
  private readonly isBinary: boolean;
  private readonly exponent: number;
  /** Decimal only: units in a microsecond, or microseconds in a unit. */
  private readonly unitsPerUs: number;
  private readonly usPerUnit: number;
  private readonly offsetUs: number;

  /** `resolution`: the byte of if_tsresol, 6 when absent; `offsetSeconds`: if_tsoffset. */
  constructor(resolution: number, offsetSeconds: number) {
    this.isBinary = (resolution & 0x80) !== 0;
    this.exponent = resolution & 0x7f;
    this.unitsPerUs = 10 ** Math.max(0, this.exponent - 6);
    this.usPerUnit = 10 ** Math.max(0, 6 - this.exponent);
    this.offsetUs = offsetSeconds * 1e6;
  }

  /** Whole microseconds since 1970. A count itself may exceed 2^53, so its halves are divided apart. */
  toUs(high: number, low: number): number {
    return this.offsetUs + (this.isBinary ? this.binaryUs(high, low) : this.decimalUs(high, low));
  }

  private decimalUs(high: number, low: number): number {
    if (this.usPerUnit > 1) return (high * WORD + low) * this.usPerUnit;
    const units = this.unitsPerUs;
    if (units > 1e6) return Math.floor((high * WORD + low) / units);
    return Math.floor(high / units) * WORD + Math.floor(((high % units) * WORD + low) / units);
  }

  private binaryUs(high: number, low: number): number {
    if (this.exponent <= 32) {
      const perSecond = 2 ** this.exponent;
      return (
        (high * (WORD / perSecond) + Math.floor(low / perSecond)) * 1e6 +
        Math.floor(((low % perSecond) * 1e6) / perSecond)
      );
    }
    const highPerSecond = 2 ** (this.exponent - 32);
    const fraction = ((high % highPerSecond) + low / WORD) / highPerSecond;
    return Math.floor(high / highPerSecond) * 1e6 + Math.floor(fraction * 1e6);
  }
}
