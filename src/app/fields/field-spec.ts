/** Lines of buffers of small protocols, in short. Stage: app; shapes alone. */
import type { ApplicationName } from '../applications.js';
import type { BufferSpec } from '../buffer-spec.js';

const MESSAGE = 1;

type More = Partial<BufferSpec>;
type Maker = (name: string, what: string, more?: More) => BufferSpec;

export interface FieldSpecs {
  /** What both sides, clients or servers alone have; in messages that may have several of them. */
  readonly both: Maker;
  readonly toServer: Maker;
  readonly toClient: Maker;
}

export function fieldSpecs(application: ApplicationName): FieldSpecs {
  const maker =
    (sides: More): Maker =>
    (name, what, more = {}) => ({
      name,
      what,
      applications: [application],
      scope: 'tx',
      kind: 'multi',
      ...sides,
      ...more,
    });
  return {
    both: maker({ toServer: MESSAGE, toClient: MESSAGE }),
    toServer: maker({ toServer: MESSAGE }),
    toClient: maker({ toClient: MESSAGE }),
  };
}

/** A number, perhaps with names. */
export const number = (maximum: number, names?: Readonly<Record<string, number>>, many?: true): More => ({
  kind: 'number',
  values: { maximum, ...(names === undefined ? {} : { names }), ...(many === undefined ? {} : { many }) },
});

/** Names of the numbers from 0 on, or from those that are given. */
export function numbered(list: string, from = 0): Record<string, number> {
  return Object.fromEntries(list.split(' ').map((name, index) => [name, from + index]));
}
