/** Keywords of SMTP, mail and IMAP. Stage: rule; data only. Reference: Suricata, SMTP and email keywords. */
import { numberOrWords } from './value-syntax.js';
import type { WaitingProtocol } from './waiting-keyword.js';

export const SMTP: WaitingProtocol = {
  protocol: 'smtp',
  toServer: 'smtp.helo smtp.mail_from smtp.rcpt_to',
  buffers: [
    ['smtp.helo', 'the name that the client gives'],
    ['smtp.mail_from', 'the sender of the envelope'],
    ['smtp.rcpt_to', 'each receiver of the envelope'],
    ['email.from', 'the From header'],
    ['email.subject', 'the Subject header'],
    ['email.to', 'the To header'],
    ['email.cc', 'the Cc header'],
    ['email.date', 'the Date header'],
    ['email.message_id', 'the Message-ID header'],
    ['email.x_mailer', 'the X-Mailer header'],
    ['email.url', 'each address in the text'],
    ['email.received', 'each Received header'],
  ],
};

export const IMAP: WaitingProtocol = {
  protocol: 'imap',
  toServer: 'imap.request',
  toClient: 'imap.response',
  buffers: [
    ['imap.request', 'each line of the client'],
    ['imap.response', 'each line of the server'],
    ['imap.email.body', 'the body of a message'],
    ['imap.email.header', 'each header of a message by itself'],
    ['imap.email.header.name', 'the name of each header'],
    ['imap.email.header.value', 'the value of each header'],
  ],
  conditions: [
    [
      'imap.email.direction',
      'says whether the message goes to the server or comes from it',
      numberOrWords(0xff, 'to_server to_client'),
    ],
  ],
};
