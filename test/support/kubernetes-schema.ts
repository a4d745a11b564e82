/**
 * Kubernetes manifests against the schemas of kubernetes-models (of resources that Kubernetes has itself, and of those
 * of the Prometheus Operator): types, formats and what must be there by its validators; names of fields that there are
 * not, which those let pass as an API server would, by its types.
 */
import ts from 'typescript';
import { inRoot } from './root.js';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

const moduleOf = ({ apiVersion, kind }: Manifest): string =>
  `${apiVersion.startsWith('monitoring.coreos.com/') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}/${kind}`;

type Model = new (data: unknown) => { validate(): void };

/** What the validator of its kind finds. */
export async function invalid(manifest: Manifest): Promise<string[]> {
  const models = (await import(/* @vite-ignore */ moduleOf(manifest))) as Record<string, Model | undefined>;
  try {
    new models[manifest.kind]!(manifest).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** What the compiler finds of manifests that are written as values of their kinds' types. */
export function mistyped(manifests: readonly Manifest[]): string[] {
  const code = manifests
    .map(
      (manifest, i) =>
        `import type { I${manifest.kind} as Kind${i} } from '${moduleOf(manifest)}';\nexport const m${i}: Kind${i} = ${JSON.stringify(manifest)};`,
    )
    .join('\n');
  const path = inRoot('test/support/manifests-that-are-checked.ts');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.getSourceFile = (name, language, ...rest) =>
    name === path ? ts.createSourceFile(name, code, language) : getSourceFile(name, language, ...rest);
  const program = ts.createProgram([path], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(path))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
