/** The numbers of IMAP's buffers. Stage: app. */
import { bufferNumber } from '../buffers.js';

export const IMAP_BUFFER = {
  request: bufferNumber('imap.request'),
  response: bufferNumber('imap.response'),
} as const;
