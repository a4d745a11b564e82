/** What the bodies of one side of a connection may give beyond INFLATE_RATIO times what they are. Stage: app. */
import { INFLATED_LIMIT } from './settings.js';

export class InflateCredit {
  /** Bytes. */
  left = INFLATED_LIMIT;

  reset(): void {
    this.left = INFLATED_LIMIT;
  }
}
