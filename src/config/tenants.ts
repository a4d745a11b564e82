/** Tenants of the configuration, and what is wrong with them beside each by itself. */
import type { Tenant } from '../block/terms.js';
import type { Config } from './schema.js';

export const tenantsOf = ({ vni }: Pick<Config, 'vni'>): Tenant[] =>
  Object.entries(vni.tenants).map(([name, { vnis, vars }]) => ({ name, vnis, vars }));

/** One line for each problem. A flow has one tenant: what shares flows must not be of several. */
export function problemsWithTenants(config: Config): string[] {
  const tenants = tenantsOf(config);
  if (tenants.length === 0) return [];
  const nameOf = new Map(tenants.flatMap(({ name, vnis }) => vnis.map((vni): [number, string] => [vni, name])));
  const split = Object.entries(config.vni.groups).filter(
    ([, vnis]) => new Set(vnis.map((vni) => nameOf.get(vni))).size > 1,
  );
  return [
    ...(config.flow.vni ? [] : ['vni.tenants: needs flow.vni, as flows of several tenants would be one otherwise']),
    ...split.map(([group]) => `vni.groups: the sessions of ${group} share flows, and are not of one tenant`),
  ];
}
