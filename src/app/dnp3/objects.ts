/**
 * Objects of DNP3 by group and variation: fields of a point, from which follows how long it is. Stage: app; data only.
 * IEEE 1815, A. A field is `name:kind`: bits, the lowest of a byte first, or an integer, a float, or a time of 48 bits.
 */
const STATUS = 'online:1 restart:1 comm_lost:1 remote_forced:1 local_forced:1';
const BINARY = `${STATUS} chatter_filter:1 reserved:1 state:1`;
const DOUBLE = `${STATUS} chatter_filter:1 state:2`;
const OUTPUT = `${STATUS} reserved0:1 reserved1:1 state:1`;
const COUNTER = `${STATUS} rollover:1 discontinuity:1 reserved0:1`;
const DELTA = `${STATUS} rollover:1 reserved0:1 reserved1:1`;
const FROZEN = `${STATUS} rollover:1 discontinuity:1 reserved1:1`;
const ANALOG = `${STATUS} over_range:1 reference_err:1 reserved0:1`;
const CONTROL = 'op_type:4 qu:1 cr:1 tcc:2 count:u8 ontime:u32 offtime:u32 status_code:7 reserved:1';
const COMMAND = 'status_code:7 commanded_state:1';
const OUTCOME = 'status_code:7 reserved0:1';
const TIME = 'timestamp:time';

/** Each of `kinds` behind the status, and perhaps a time behind it. */
const valued = (status: string, name: string, kinds: string, behind = ''): string[] =>
  kinds.split(' ').map((kind) => `${status} ${name}:${kind} ${behind}`.trim());
const counters = (behind = ''): string[] => [
  ...valued(COUNTER, 'count', 'u32 u16', behind),
  ...valued(DELTA, 'count', 'u32 u16', behind),
];
const analogEvents = (status: string, name: string): string[] => [
  ...valued(status, name, 'i32 i16'),
  ...valued(status, name, 'i32 i16', TIME),
  ...valued(status, name, 'f32 f64'),
  ...valued(status, name, 'f32 f64', TIME),
];
const counts = valued('', 'count', 'u32 u16 u32 u16');

/** By group: of the variations from 1 on; null of those that are not known. */
const LAYOUTS: Readonly<Record<number, readonly (string | null)[]>> = {
  1: ['state:1', BINARY],
  2: ['state:u8', `${BINARY} ${TIME}`, `${BINARY} timestamp:u16`],
  3: ['state:2', DOUBLE],
  4: [DOUBLE, `${DOUBLE} ${TIME}`, `${DOUBLE} relative_time_ms:u16`],
  10: ['state:1', OUTPUT],
  11: [OUTPUT, `${OUTPUT} ${TIME}`],
  12: [CONTROL, CONTROL, 'point:1'],
  13: [COMMAND, `${COMMAND} ${TIME}`],
  20: [...counters(), ...counts],
  21: [
    ...counters(),
    ...valued(FROZEN, 'count', 'u32 u16', TIME),
    ...valued(DELTA, 'count', 'u32 u16', TIME),
    ...counts,
  ],
  22: [...counters(), ...counters(TIME)],
  23: [...counters(), ...counters(TIME)],
  30: [...valued(ANALOG, 'value', 'i32 i16'), 'value:i32', 'value:i16', ...valued(ANALOG, 'value', 'f32 f64')],
  31: [
    ...valued(ANALOG, 'value', 'i32 i16'),
    ...valued(ANALOG, 'value', 'i32 i16', TIME),
    'value:i32',
    'value:i16',
    ...valued(ANALOG, 'value', 'f32 f64'),
  ],
  32: analogEvents(ANALOG, 'value'),
  33: analogEvents(ANALOG, 'value'),
  34: ['deadband_value:u16', 'deadband_value:u32', 'deadband_value:f32'],
  40: valued(ANALOG, 'value', 'i32 i16 f32 f64'),
  41: valued('', 'value', 'i32 i16 f32 f64', 'control_status:u8'),
  42: analogEvents(ANALOG, 'value'),
  43: analogEvents(OUTCOME, 'commanded_value'),
  50: [TIME, `${TIME} interval:u32`, TIME, `${TIME} interval_count:u32 interval_units:u8`],
  51: [TIME, TIME],
  52: ['delay_secs:u16', 'delay_ms:u16'],
  80: ['state:1'],
  81: ['fill_percentage:7 overflow_state:1 group:u8 variation:u8'],
  86: [null, 'rd:1 wr:1 st:1 ev:1 df:1 padding0:1 padding1:1 padding2:1'],
  102: ['value:u8'],
};

export interface PointField {
  readonly name: string;
  readonly kind: string;
  readonly bits: number;
}

const BITS: Readonly<Record<string, number>> = {
  u8: 8,
  u16: 16,
  i16: 16,
  u32: 32,
  i32: 32,
  f32: 32,
  f64: 64,
  time: 48,
};

const parsed = (layout: string): readonly PointField[] =>
  layout.split(' ').flatMap((field) => {
    const [name = '', kind = ''] = field.split(':');
    return name === '' ? [] : [{ name, kind, bits: BITS[kind] ?? Number(kind) }];
  });

const FIELDS = new Map(
  Object.entries(LAYOUTS).flatMap(([group, layouts]) =>
    layouts.flatMap((layout, index) =>
      layout === null ? [] : [[Number(group) * 256 + index + 1, parsed(layout)] as const],
    ),
  ),
);
const SIZES = new Map([...FIELDS].map(([object, fields]) => [object, fields.reduce((sum, { bits }) => sum + bits, 0)]));

/** How many bits a point has: fewer than eight of packed ones; -1 where it is not known. */
export const pointBits = (group: number, variation: number): number => SIZES.get(group * 256 + variation) ?? -1;

export const pointFields = (group: number, variation: number): readonly PointField[] | undefined =>
  FIELDS.get(group * 256 + variation);
