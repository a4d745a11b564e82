/** What the image promises and can be seen without building it; build-and-run.sh builds and runs it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { environmentName } from '../../src/config/settings.js';

const text = (name: string): string => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');

describe('Dockerfile', () => {
  const runtime = text('Dockerfile')
    .split(/^FROM /m)
    .at(-1)!;

  it('starts node without a shell, as a user with a number', () => {
    expect(runtime).toMatch(/^ENTRYPOINT \["node", .*"\/app\/dist\/main\.js"\]$/m);
    expect(runtime).toMatch(/^CMD \["run"/m);
    expect(runtime).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(runtime).not.toMatch(/^(RUN|CMD|ENTRYPOINT) [^[]/m);
  });

  it('has a health check without a shell, which is valid JSON', () => {
    const command = /^HEALTHCHECK [^[]*CMD (\[.*\])$/m.exec(runtime)![1]!;
    expect(JSON.parse(command)).toEqual(['node', '-e', expect.stringContaining('/healthz')]);
  });

  it('compiles the rules that it starts with, where the sensor looks for them', () => {
    const [, check] = /^RUN (\[.*"check".*\])$/m.exec(runtime)!;
    const words = JSON.parse(check!) as string[];
    const [, start] = /^CMD (\[.*\])$/m.exec(runtime)!;
    const valueOf = (list: string[], flag: string): string | undefined => list[list.indexOf(flag) + 1];
    expect(valueOf(words, '--rules')).toBe(valueOf(JSON.parse(start!) as string[], '--rules'));
    expect(runtime).toContain(`ENV ${environmentName('cache.directory')}=${valueOf(words, '--cache')}`);
    // As the user who may write there, and behind what the key is made from.
    expect(runtime.indexOf('"check"')).toBeLessThan(runtime.indexOf('USER '));
    expect(runtime.indexOf('"check"')).toBeGreaterThan(
      Math.max(runtime.indexOf('COPY rules/'), runtime.indexOf('COPY --from=build /app/dist/')),
    );
  });

  it('starts Node such that no signal can open its debugger', () => {
    expect(JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(runtime)![1]!)).toEqual([
      'node',
      '--inspect-port=192.0.2.1:9229',
      '/app/dist/main.js',
    ]);
  });

  it('copies only what .dockerignore lets through', () => {
    const allowed = text('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...text('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
      sources!.split(' '),
    );
    expect(
      copied.filter(
        (source) => !allowed.some((entry) => source === entry || (entry.endsWith('/') && source.startsWith(entry))),
      ),
    ).toEqual([]);
  });
});

describe('package-lock.json', () => {
  const { packages } = JSON.parse(text('package-lock.json')) as {
    packages: Record<string, { optional?: boolean; cpu?: string[]; os?: string[] }>;
  };

  it.each(['x64', 'arm64'])('holds koffi for Linux on %s', (cpu) => {
    expect(packages[`node_modules/@koromix/koffi-linux-${cpu}`]).toMatchObject({
      optional: true,
      cpu: [cpu],
      os: ['linux'],
    });
  });
});
