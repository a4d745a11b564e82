/**
 * What the configuration says of each application protocol: whether it is told and parsed, on which ports it is
 * expected, and how much of it is kept. Stage: app. Read when a shard starts; nothing here runs per packet.
 */
import { APPLICATIONS, FAILED, type Application, type ApplicationName } from './applications.js';

/** `detection-only`: flows are told, and their messages not parsed. */
export const DETECTION_ONLY = 'detection-only';

/** Open transactions that a connection may have, by its setting. */
export const MOST_OPEN = 1024;

export interface ApplicationSetting {
  readonly enabled: boolean | typeof DETECTION_ONLY;
  /** Where bytes leave it open; those of the table of applications when left out. */
  readonly ports?: readonly number[] | undefined;
  /** Open transactions of a connection; beyond, the oldest are completed as they are. */
  readonly transactions?: number | undefined;
  /** Of HTTP: bytes of a body that are inspected. */
  readonly requestBody?: number | undefined;
  readonly responseBody?: number | undefined;
}

export type ApplicationSettings = Readonly<Record<string, ApplicationSetting>>;

/** Names that can be set. */
export const SETTABLE: readonly string[] = APPLICATIONS.filter((_, index) => index + 1 !== FAILED).map(
  ({ name }) => name,
);
/** Those that have ports, and bodies. */
export const WITH_PORTS: readonly string[] = (APPLICATIONS as readonly Application[])
  .filter(({ tcp, udp }) => tcp !== undefined || udp !== undefined)
  .map(({ name }) => name);
export const WITH_BODIES: readonly string[] = ['http', 'http2'] satisfies readonly ApplicationName[];

const enabledOf = (settings: ApplicationSettings, name: string): ApplicationSetting['enabled'] =>
  settings[name]?.enabled ?? true;

/** Whether flows are told by it. */
export const isToldBy = (settings: ApplicationSettings, name: string): boolean => enabledOf(settings, name) !== false;

/** Whether its messages are parsed, where there is a parser. */
export const isParsedBy = (settings: ApplicationSettings, name: string): boolean => enabledOf(settings, name) === true;

export function portsOf(
  settings: ApplicationSettings,
  name: ApplicationName,
  transport: 'tcp' | 'udp',
): readonly number[] {
  const own = (APPLICATIONS as readonly Application[]).find((each) => each.name === name)?.[transport];
  return own === undefined ? [] : (settings[name]?.ports ?? own);
}
