/**
 * Looks now and then whether rule files have changed, and asks for a reload once they have and are at rest: what has
 * changed since the last look is still being written, perhaps. A load that fails is not tried again until something
 * changes once more.
 */
export interface RuleWatchOptions {
  readonly seconds: number;
  /** What the files look like; the same as before while nothing has changed. */
  readonly look: () => string;
  readonly onChange: () => void;
}

export class RuleWatch {
  private readonly options: RuleWatchOptions;
  private timer: NodeJS.Timeout | undefined;
  /** As the rules in use, or those that could not be loaded, were. */
  private taken = '';
  private last = '';

  constructor(options: RuleWatchOptions) {
    this.options = options;
  }

  /** To be called before files are read, by whoever asked for it: what they are now is known. */
  note(): void {
    this.taken = this.options.look();
    this.last = this.taken;
  }

  start(): void {
    const { seconds } = this.options;
    if (seconds > 0) this.timer = setInterval(() => this.check(), seconds * 1000).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** One look. */
  check(): void {
    const now = this.options.look();
    const isAtRest = now === this.last;
    this.last = now;
    if (!isAtRest || now === this.taken) return;
    this.taken = now;
    this.options.onChange();
  }
}
