/** Keywords of SMTP, mail, IMAP and POP3. Stage: rule; data only. Reference: Suricata, SMTP and email keywords. */
import { words, type WaitingProtocol } from './waiting-keyword.js';

export const SMTP: WaitingProtocol = {
  protocol: 'smtp',
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
    ['email.body_md5', 'the MD5 digest of the body'],
  ],
};

export const POP3: WaitingProtocol = {
  protocol: 'pop3',
  conditions: [['pop3.command', 'names commands', words('apop auth capa dele list noop pass quit retr rset stat stls top uidl user')]],
};
