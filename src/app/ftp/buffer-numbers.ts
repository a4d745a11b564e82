/** The numbers of FTP's buffers. Stage: app. */
import { bufferNumber } from '../buffers.js';

export const FTP_BUFFER = {
  command: bufferNumber('ftp.command'),
  data: bufferNumber('ftp.command_data'),
  reply: bufferNumber('ftp.reply'),
  code: bufferNumber('ftp.completion_code'),
  mode: bufferNumber('ftp.mode'),
  port: bufferNumber('ftp.dynamic_port'),
  received: bufferNumber('ftp.reply_received'),
  bounce: bufferNumber('ftp.bounce'),
} as const;
