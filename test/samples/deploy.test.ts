/** Deployment samples say what docs/operations.md promises of them. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { inRoot } from '../support/root.js';

const text = (name: string): string => readFileSync(inRoot(`samples/deploy/${name}`), 'utf8');

interface Container {
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly resources: { readonly limits: { readonly cpu: string } };
  readonly volumeMounts: readonly Record<string, unknown>[];
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly annotations?: Record<string, string> };
  readonly data?: Record<string, string>;
  readonly spec: {
    readonly selector?: unknown;
    readonly podMetricsEndpoints?: readonly { readonly port: string }[];
    readonly template: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly initContainers: readonly (Container & { readonly args: readonly string[] })[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}
const manifests = (name: string): readonly Manifest[] =>
  parseAllDocuments(text(`kubernetes/${name}`)).map((document) => document.toJS() as Manifest);
const of = (name: string, kind: string): Manifest => manifests(name).find((manifest) => manifest.kind === kind)!;

describe('samples/deploy/terraform', () => {
  const files = ['', 'gateway/'].flatMap((folder) =>
    readdirSync(inRoot(`samples/deploy/terraform/${folder}`))
      .filter((name) => name.endsWith('.tf'))
      .map((name) => folder + name),
  );
  const all = (names: readonly string[]): string => names.map((name) => text(`terraform/${name}`)).join('\n');
  const stacks = [
    files.filter((name) => !name.startsWith('gateway/')),
    files.filter((name) => name !== 'load-balancer.tf'),
  ];

  it.each(stacks)('a stack of %s names only what it has', (...names: readonly string[]) => {
    const code = all(names).replace(/^\s*#.*$/gm, '');
    const has = (pattern: RegExp): ReadonlySet<string> =>
      new Set([...code.matchAll(pattern)].map(([, a, b]) => (b === undefined ? a! : `${a}.${b}`)));
    const declared = has(/^resource "(\w+)" "(\w+)"/gm);
    const used = has(/(?<![\w."-])(aws_\w+)\.(\w+)\b/g);
    expect([...used].filter((name) => !declared.has(name))).toEqual([]);
    const variables = has(/^variable "(\w+)"/gm);
    expect([...has(/\bvar\.(\w+)/g)].filter((name) => !variables.has(name))).toEqual([]);
    const locals = new Set(
      [...code.matchAll(/^locals \{\n(.*?)^\}/gms)].flatMap(([, body]) =>
        [...body!.matchAll(/^ {2}(\w+) +=/gm)].map(([, name]) => name!),
      ),
    );
    expect([...has(/\blocal\.(\w+)/g)].filter((name) => !locals.has(name))).toEqual([]);
  });

  it('keeps what one interface mirrors with one target, behind either load balancer', () => {
    expect(text('terraform/load-balancer.tf')).toMatch(/stickiness \{\s+enabled = true\s+type {4}= "source_ip"/);
    expect(text('terraform/gateway/load-balancer.tf')).toMatch(
      /stickiness \{\s+enabled = true\s+type {4}= "source_ip_dest_ip"/,
    );
  });

  it('gives Prometheus each task by itself, on the port that the sensor is scraped at', () => {
    expect(text('terraform/sensor.tf')).toContain('registry_arn = aws_service_discovery_service.sensor.arn');
    const [, job] = /# On ECS .*\n((?: +# .*\n)+)/.exec(
      readFileSync(inRoot('samples/prometheus/prometheus.yml'), 'utf8'),
    )!;
    expect(parse(job!.replace(/^ +# /gm, ''))).toMatchObject([
      { job_name: 'periscope', dns_sd_configs: [{ type: 'A', port: 9789 }] },
    ]);
  });

  it('mirrors both families of addresses', () => {
    expect(text('terraform/mirror.tf')).toContain('everywhere = { v4 = "0.0.0.0/0", v6 = "::/0" }');
  });

  it('loses no event in silence', () => {
    expect(text('terraform/sensor.tf')).toMatch(/mode += "blocking"/);
    const { containerDefinitions } = JSON.parse(text('ecs/task-definition.json')) as {
      containerDefinitions: { logConfiguration: { options: Record<string, string> } }[];
    };
    expect(containerDefinitions.map(({ logConfiguration }) => logConfiguration.options['mode'])).toEqual(['blocking']);
  });

  const terraform = spawnSync('terraform', ['version'], { encoding: 'utf8' }).status === 0;
  if (!terraform)
    console.warn('skipped: terraform is not installed, the format of samples/deploy/terraform is not checked');
  it.skipIf(!terraform)('is formatted', () => {
    const { status, stdout } = spawnSync(
      'terraform',
      ['fmt', '-check', '-recursive', inRoot('samples/deploy/terraform')],
      { encoding: 'utf8' },
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});

describe('samples/deploy/kubernetes', () => {
  const [container] = of('periscope.yaml', 'Deployment').spec.template.spec.containers;
  const labels = { matchLabels: { 'app.kubernetes.io/name': 'periscope' } };

  it('keeps what one interface mirrors with one pod', () => {
    const attributes = of('periscope.yaml', 'Service').metadata.annotations![
      'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes'
    ];
    expect(attributes!.split(',')).toEqual(
      expect.arrayContaining([
        'preserve_client_ip.enabled=true',
        'stickiness.enabled=true',
        'stickiness.type=source_ip',
      ]),
    );
  });

  it('reaches its one pod from every zone', () => {
    const service = of('periscope.yaml', 'Service').metadata.annotations!;
    expect(service['service.beta.kubernetes.io/aws-load-balancer-attributes']).toBe(
      'load_balancing.cross_zone.enabled=true',
    );
    expect(text('terraform/load-balancer.tf')).toMatch(/enable_cross_zone_load_balancing = true/);
  });

  it('has a processor for each worker and one that receives', () => {
    const { workers } = parse(of('periscope.yaml', 'ConfigMap').data!['periscope.yaml']!) as { workers: number };
    expect(Number(container!.resources.limits.cpu)).toBe(workers + 1);
  });

  it('mounts its configuration so that changes arrive', () => {
    expect(container!.volumeMounts.filter((mount) => 'subPath' in mount)).toEqual([]);
  });

  it('is scraped pod by pod, on a port that there is', () => {
    const monitor = of('pod-monitor.yaml', 'PodMonitor').spec;
    expect(monitor.selector).toEqual(labels);
    expect(monitor.podMetricsEndpoints).toMatchObject([{ port: 'admin' }]);
  });

  it('fetches Emerging Threats Open to where the sensor reads it', () => {
    const { initContainers, containers, volumes } = of('et-open/fetch.yaml', 'Deployment').spec.template.spec;
    const output = initContainers[0]!.args[initContainers[0]!.args.indexOf('--output') + 1]!;
    expect(containers[0]!.env!.find(({ name }) => name === 'PERISCOPE_RULES')!.value.split(',')).toContain(output);
    const mounts = [...initContainers, ...containers].flatMap(({ volumeMounts }) => volumeMounts);
    expect(
      mounts.every(({ name, mountPath }) => name === volumes[0]!.name && output.startsWith(`${String(mountPath)}/`)),
    ).toBe(true);
  });
});
