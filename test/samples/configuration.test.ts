/** The configuration and deployment samples fit the program: settings, paths and ports exist. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load-config.js';
import { SETTINGS } from '../../src/config/settings.js';
import { inRoot } from '../support/root.js';

const path = inRoot;
const text = (name: string): string => readFileSync(path(name), 'utf8');

describe('samples/periscope.yaml', () => {
  it('is a valid configuration without warnings', () => {
    const { config, warnings } = loadConfig({ file: path('samples/periscope.yaml') });
    expect(warnings).toEqual([]);
    expect(config.listen).toEqual(['0.0.0.0:4789']);
  });

  it('is valid with its comments taken off', () => {
    const uncommented = text('samples/periscope.yaml').replace(/^(\s*)# (?=\s*[a-z]\w*:)/gm, '$1');
    const tree = parse(uncommented) as Record<string, unknown>;
    const keys = (value: unknown, prefix: string): string[] =>
      typeof value !== 'object' || value === null || Array.isArray(value) || prefix === 'vars.'
        ? [prefix.slice(0, -1)]
        : Object.entries(value).flatMap(([name, member]) => keys(member, `${prefix}${name}.`));
    const known = new Set(SETTINGS.map(({ key }) => key));
    const settings = keys(tree, '');
    expect(settings.filter((key) => !known.has(key))).toEqual([]);
    expect(settings).toContain('flow.cap');
    expect(settings).toContain('geneve.listen');
  });
});

describe('environment variables in samples/deploy', () => {
  const known = new Set(SETTINGS.map(({ env }) => env));
  it.each(['ecs/task-definition.json', 'terraform/sensor.tf', 'kubernetes/periscope.yaml'])(
    '%s names settings only',
    (name) => {
      const used = text(`samples/deploy/${name}`).match(/PERISCOPE_\w+/g) ?? [];
      expect(used.filter((variable) => !known.has(variable))).toEqual([]);
    },
  );
});

describe('samples/deploy/ecs/task-definition.json', () => {
  const definition = JSON.parse(text('samples/deploy/ecs/task-definition.json')) as {
    containerDefinitions: {
      user: string;
      readonlyRootFilesystem: boolean;
      stopTimeout: number;
      environment: { name: string; value: string }[];
      portMappings: { containerPort: number; protocol: string }[];
    }[];
  };
  const [container] = definition.containerDefinitions;

  it('runs as the image wants to be run', () => {
    expect(container).toMatchObject({ user: '65532:65532', readonlyRootFilesystem: true });
    expect(container!.portMappings).toEqual([
      { containerPort: 4789, protocol: 'udp' },
      { containerPort: 9789, protocol: 'tcp' },
    ]);
  });

  it('has an environment that is a valid configuration, and drains in time', () => {
    const env = Object.fromEntries(container!.environment.map(({ name, value }) => [name, value]));
    const { config } = loadConfig({ env });
    expect(config.vars).toEqual({ HOME_NET: '[10.0.0.0/8]' });
    expect(config.shutdown.drainSeconds).toBeLessThan(container!.stopTimeout);
  });
});

describe('samples/deploy/kubernetes/periscope.yaml', () => {
  const documents = parseAllDocuments(text('samples/deploy/kubernetes/periscope.yaml')).map(
    (document) => document.toJS() as { kind: string; data?: Record<string, string>; spec: never },
  );
  const of = (
    kind: string,
  ): {
    data?: Record<string, string>;
    spec: { template: { spec: Record<string, unknown> & { containers: Record<string, unknown>[] } } };
  } => documents.find((document) => document.kind === kind)! as never;

  it('restricts the pod', () => {
    const pod = of('Deployment').spec.template.spec;
    expect(pod['securityContext']).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
    expect(pod.containers[0]!['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('has a configuration that is valid and drains within the grace period', () => {
    const folder = mkdtempSync(join(tmpdir(), 'periscope-config-'));
    writeFileSync(join(folder, 'periscope.yaml'), of('ConfigMap').data!['periscope.yaml']!);
    const { config } = loadConfig({ file: join(folder, 'periscope.yaml') });
    rmSync(folder, { recursive: true });
    expect(config.shutdown.drainSeconds).toBeLessThan(
      of('Deployment').spec.template.spec['terminationGracePeriodSeconds'] as number,
    );
  });
});
