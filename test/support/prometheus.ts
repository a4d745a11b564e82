/**
 * A Prometheus that scrapes sensors on loopback, where it is installed (Debian: `apt-get install prometheus`);
 * elsewhere tests say that they skip.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Folder, until } from './sensor.js';

export const hasPrometheus = spawnSync('prometheus', ['--version']).error === undefined;
if (!hasPrometheus) console.warn('SKIPPED: prometheus is not installed, so alarms and dashboard are not seen live');

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Time in seconds, and the value as text: `NaN`, `+Inf`. */
  readonly values: readonly (readonly [number, string])[];
}

export interface PrometheusOptions {
  /** Groups of rules, as in a rule file. */
  readonly groups: readonly unknown[];
  /** Admin ports by the name that becomes the label `instance`. */
  readonly targets: Readonly<Record<string, number>>;
  /** Between two scrapes, and between two evaluations. */
  readonly intervalSeconds: number;
}

export class Prometheus {
  private readonly folder: Folder;
  private readonly child: ChildProcess;
  private readonly url: string;
  private said = '';

  private constructor(folder: Folder, child: ChildProcess, port: number) {
    this.folder = folder;
    this.child = child;
    this.url = `http://127.0.0.1:${port}`;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
  }

  static async start({ groups, targets, intervalSeconds }: PrometheusOptions): Promise<Prometheus> {
    const folder = new Folder();
    const interval = `${intervalSeconds}s`;
    // JSON is YAML.
    folder.write('rules.yml', JSON.stringify({ groups }));
    const config = folder.write(
      'prometheus.yml',
      JSON.stringify({
        global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
        rule_files: ['rules.yml'],
        scrape_configs: [
          {
            job_name: 'ids',
            static_configs: Object.entries(targets).map(([instance, port]) => ({
              targets: [`127.0.0.1:${port}`],
              labels: { instance },
            })),
          },
        ],
      }),
    );
    const port = await freePort();
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${folder.at('data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const prometheus = new Prometheus(folder, child, port);
    await until('Prometheus is ready', async () => {
      if (child.exitCode !== null) throw new Error(`Prometheus has ended: ${prometheus.said}`);
      return (await fetch(`${prometheus.url}/-/ready`).catch(() => undefined))?.ok;
    });
    return prometheus;
  }

  /** All values of an expression between two times, each second. */
  async range(expr: string, fromSeconds: number, toSeconds: number): Promise<readonly Sample[]> {
    const body = new URLSearchParams({ query: expr, start: `${fromSeconds}`, end: `${toSeconds}`, step: '1' });
    const answer = (await (await fetch(`${this.url}/api/v1/query_range`, { method: 'POST', body })).json()) as {
      readonly data?: { readonly result: readonly Sample[] };
      readonly error?: string;
    };
    if (answer.data === undefined) throw new Error(`${expr}: ${answer.error}`);
    return answer.data.result;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    this.folder.remove();
  }
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
