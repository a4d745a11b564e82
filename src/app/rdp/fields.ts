/** What is kept of the messages of RDP: for events alone. Stage: app. */
import { FieldTable } from '../fields/field-table.js';
import { RDP_BUFFERS } from './buffers.js';

export const RDP_FIELDS = new FieldTable(RDP_BUFFERS, [
  'message',
  'cookie',
  'flags',
  'security',
  'failure',
  'core',
  'client_name',
  'product',
  'channel',
]);

export const RDP_FIELD = {
  message: RDP_FIELDS.of('message'),
  cookie: RDP_FIELDS.of('cookie'),
  flags: RDP_FIELDS.of('flags'),
  security: RDP_FIELDS.of('security'),
  failure: RDP_FIELDS.of('failure'),
  /** What the client tells of itself, as it is. */
  core: RDP_FIELDS.of('core'),
  name: RDP_FIELDS.of('client_name'),
  product: RDP_FIELDS.of('product'),
  channel: RDP_FIELDS.of('channel'),
} as const;

export const MESSAGE_TYPE = { request: 0, confirm: 1, connect: 2, connected: 3 } as const;
