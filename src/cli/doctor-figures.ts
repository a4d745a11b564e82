/**
 * The figures that `periscope doctor` judges: those of a running sensor, as /metrics has them, or of a `--stats` file,
 * under the same names.
 */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Labels = Readonly<Record<string, string>>;

const PREFIX = 'periscope_';
const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/gm;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;
/** Figures of a `--stats` file beside its `metrics`, by the metric of the same meaning. */
const STATS_NAMES: Readonly<Record<string, readonly [name: string, labels: Labels]>> = {
  alerts: ['alerts_total', {}],
  rules_loaded: ['rules', { state: 'loaded' }],
  rules_waiting: ['rules', { state: 'waiting' }],
  rules_failed: ['rules', { state: 'failed' }],
};

export class Figures {
  /** Why the sensor says that it is not ready; of captures there is none. */
  readonly notReady: readonly string[];
  /** Seconds since 1970; undefined for captures, in which nothing can have fallen silent. */
  readonly now: number | undefined;
  private readonly samples: readonly Sample[];

  constructor(samples: readonly Sample[], notReady: readonly string[] = [], now?: number) {
    this.samples = samples;
    this.notReady = notReady;
    this.now = now;
  }

  /** Samples of a metric with these labels. */
  all(name: string, labels: Labels = {}): readonly Sample[] {
    const wanted = Object.entries(labels);
    return this.samples.filter(
      (sample) => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value),
    );
  }

  /** Their sum; 0 where there is none. */
  sum(name: string, labels: Labels = {}): number {
    return this.all(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  has(name: string): boolean {
    return this.samples.some((sample) => sample.name === name);
  }
}

/** The text of /metrics; what is not ours is left out. */
export function samplesOfMetrics(text: string): Sample[] {
  return [...text.matchAll(SAMPLE)].flatMap(([, name, labels, value]) =>
    name.startsWith(PREFIX)
      ? [{ name: name.slice(PREFIX.length), labels: labelsOf(labels ?? ''), value: Number(value) }]
      : [],
  );
}

const labelsOf = (text: string): Labels =>
  Object.fromEntries([...text.matchAll(LABEL)].map(([, key, value]) => [key, value]));

/** A `--stats` file. Throws where it is none. */
export function samplesOfStats(text: string): Sample[] {
  const stats: unknown = JSON.parse(text);
  if (typeof stats !== 'object' || stats === null || !('metrics' in stats))
    throw new Error('it has no figures of `periscope read --stats`');
  const samples = Object.entries(stats).flatMap(([key, value]): Sample[] => {
    const known = STATS_NAMES[key];
    return known === undefined || typeof value !== 'number' ? [] : [{ name: known[0], labels: known[1], value }];
  });
  return [...samples, ...samplesOfCounters(stats.metrics as Record<string, number>)];
}

/** Values by name and labels, as Prometheus writes these. */
export const samplesOfCounters = (figures: Readonly<Record<string, number>>): Sample[] =>
  samplesOfMetrics(
    Object.entries(figures)
      .map(([key, value]) => `${PREFIX}${key} ${value}\n`)
      .join(''),
  );
