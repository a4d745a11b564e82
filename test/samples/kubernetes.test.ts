/** The Kubernetes samples are what their kinds allow, by kubernetes-models; also as kubectl puts them together. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { invalid, mistyped, type Manifest } from '../support/kubernetes-schema.js';
import { inRoot } from '../support/root.js';

const FOLDER = 'samples/deploy/kubernetes';
const manifestsOf = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Manifest);
const written = ['periscope.yaml', 'pod-monitor.yaml'].flatMap((name) =>
  manifestsOf(readFileSync(inRoot(`${FOLDER}/${name}`), 'utf8')),
);

const kustomize = ['kustomize', inRoot(`${FOLDER}/et-open`), '--load-restrictor=LoadRestrictionsNone'];
const { error, status, stdout, stderr } = spawnSync('kubectl', kustomize, { encoding: 'utf8' });
if (error !== undefined) console.warn(`SKIPPED: kubectl is not installed, ${FOLDER}/et-open is not put together`);

describe(FOLDER, () => {
  it.each(written)('has a $kind that its schema allows', async (manifest) => {
    expect(await invalid(manifest)).toEqual([]);
  });

  it('names only fields that there are', () => {
    expect(mistyped(written)).toEqual([]);
  });

  it('restarts a sensor that does not live, and not one whose rules cannot be loaded', () => {
    const probe = (kind: string): unknown => expect.objectContaining({ httpGet: { path: kind, port: 'admin' } });
    expect(JSON.parse(JSON.stringify(written.find(({ kind }) => kind === 'Deployment')))).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              { startupProbe: probe('/healthz'), livenessProbe: probe('/healthz'), readinessProbe: probe('/readyz') },
            ],
          },
        },
      },
    });
  });

  it.skipIf(error !== undefined)('is put together with what fetches Emerging Threats Open', async () => {
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const together = manifestsOf(stdout);
    expect(together.map(({ kind }) => kind).sort()).toEqual(
      written
        .map(({ kind }) => kind)
        .filter((kind) => kind !== 'PodMonitor')
        .sort(),
    );
    expect((await Promise.all(together.map(invalid))).flat()).toEqual([]);
    expect(mistyped(together)).toEqual([]);
    expect(stdout).toContain('initContainers');
  });
});

describe('the alert rules', () => {
  it('become a PrometheusRule by the command in docs/operations.md', async () => {
    const [, command] = /^\((printf [^|]+)\) \| kubectl/ms.exec(readFileSync(inRoot('docs/operations.md'), 'utf8'))!;
    const { stdout: made } = spawnSync('sh', ['-c', command!], { cwd: inRoot('.'), encoding: 'utf8' });
    const [rule] = manifestsOf(made);
    expect(rule).toMatchObject({
      kind: 'PrometheusRule',
      spec: parse(readFileSync(inRoot('samples/prometheus/alerts.yml'), 'utf8')) as object,
    });
    expect(await invalid(rule!)).toEqual([]);
    expect(mistyped([rule!])).toEqual([]);
  });
});

describe('the schemas', () => {
  const change = (kind: string, from: string, to: string): Manifest =>
    JSON.parse(JSON.stringify(written.find((manifest) => manifest.kind === kind)).replace(from, to)) as Manifest;

  it.each([
    ['Deployment', '"cpu":"4"', '"cpu":{}'],
    ['Service', '"port":4789', '"port":"vxlan"'],
    ['PodMonitor', '"interval":"15s"', '"interval":"soon"'],
  ])('refuse a %s with %s as %s', async (kind, from, to) => {
    expect((await invalid(change(kind, from, to))).length).toBe(1);
  });

  it.each([
    ['Deployment', '"readinessProbe"', '"readynessProbe"'],
    ['PodMonitor', '"interval"', '"every"'],
    ['NetworkPolicy', '"policyTypes"', '"types"'],
  ])('refuse a %s with %s as %s', (kind, from, to) => {
    expect(mistyped([change(kind, from, to)])).toEqual([expect.stringContaining(to)]);
  });
});
