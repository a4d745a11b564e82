/** Which application protocols the configuration has turned off. */
import { isParsedBy, isToldBy, SETTABLE } from '../app/application-settings.js';
import type { SilentProtocols } from '../block/terms.js';
import type { Config } from './schema.js';

export function silentProtocols({ protocols }: Pick<Config, 'protocols'>): SilentProtocols {
  return {
    untold: SETTABLE.filter((name) => !isToldBy(protocols, name)),
    unparsed: SETTABLE.filter((name) => !isParsedBy(protocols, name)),
  };
}
