/**
 * Rules and traffic in, alerts out, in one thread: load, compile, decode, flow, detection, thresholds; what the sensor
 * does without sockets, rings and workers. For tests of rules and of whole paths.
 *
 *   const inspector = new Inspector(loadPrograms('rules/scans.rules'));
 *   inspector.alerts(recording.frames).map(({ sid }) => sid)
 *
 *   inspect('alert tcp any any -> any 80 (content:"x"; sid:1;)', recording.frames)
 *
 * Thresholds are decided as on the main thread, by packet time. Fragments are not put together. A rule that cannot be
 * loaded, or draws a warning, throws: a test should not pass because its rule was not there.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRules } from '../../src/load/load-rules.js';
import { Thresholder, VERDICT } from '../../src/output/threshold.js';
import type { RuleProgram } from '../../src/rule/program.js';
import { Sensor, type Alert, type SensorOptions } from './detecting.js';
import type { TimedFrame } from './recording.js';

/** Rule programs of files, directories or globs. */
export function loadPrograms(...paths: string[]): readonly RuleProgram[] {
  const { programs, diagnostics } = loadRules({ rules: paths });
  const problems = diagnostics.filter(({ severity }) => severity !== 'hint');
  if (problems.length > 0)
    throw new Error(
      problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    );
  return programs;
}

/** Rule programs of the text of a rule file. */
export function programsOf(rules: string): readonly RuleProgram[] {
  const folder = mkdtempSync(join(tmpdir(), 'periscope-rules-'));
  try {
    const file = join(folder, 'test.rules');
    writeFileSync(file, rules);
    return loadPrograms(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export class Inspector {
  private readonly sensor: Sensor;
  private readonly thresholder = new Thresholder({ cap: 10_000, vniInKey: true });

  constructor(programs: readonly RuleProgram[], options: SensorOptions = {}) {
    this.sensor = new Sensor(programs, options);
    this.thresholder.configure(programs.map((program, row) => ({ ...program, row })));
  }

  /** What would be written about these frames, as if nothing had been seen before. */
  alerts(frames: readonly TimedFrame[]): readonly Alert[] {
    this.sensor.flows.clear();
    this.thresholder.clear();
    return frames.flatMap(({ timeUs, bytes }) =>
      this.sensor
        .send(bytes, (packet) => {
          packet.timeUs = timeUs;
        })
        .filter(({ candidate }) => this.thresholder.decide(candidate) === VERDICT.write),
    );
  }
}

/** Alerts of the text of a rule file on these frames. */
export function inspect(rules: string, frames: readonly TimedFrame[], options: SensorOptions = {}): readonly Alert[] {
  return new Inspector(programsOf(rules), options).alerts(frames);
}
