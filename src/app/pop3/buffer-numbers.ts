/** The numbers of POP3's buffers. Stage: app. */
import { bufferNumber } from '../buffers.js';

export const POP3_BUFFER = {
  command: bufferNumber('pop3.command'),
  argument: bufferNumber('pop3.argument'),
  status: bufferNumber('pop3.status'),
  header: bufferNumber('pop3.header'),
  data: bufferNumber('pop3.data'),
} as const;
