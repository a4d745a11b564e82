/** SIP: requests and answers, which either side may send first. Stage: app. RFC 3261, section 7. */
import { ANSWER, ascii, asciiTexts, beginsLike, beginsLikeAny, better, beginsWith, type Answer } from './answer.js';

const METHODS = asciiTexts(
  'invite ',
  'ack ',
  'options ',
  'bye ',
  'cancel ',
  'register ',
  'prack ',
  'subscribe ',
  'notify ',
  'publish ',
  'info ',
  'refer ',
  'message ',
  'update ',
);
const SCHEMES = asciiTexts('sip:', 'sips:', 'tel:');
const STATUS = ascii('SIP/2.0 ');

export function probeSip(bytes: Uint8Array, start: number, length: number): Answer {
  let best = beginsWith(bytes, start, length, STATUS);
  for (let i = 0; i < METHODS.length && best === ANSWER.no; i++) {
    const method = METHODS[i];
    const answer = beginsLike(bytes, start, length, method);
    best =
      answer === ANSWER.yes
        ? beginsLikeAny(bytes, start + method.length, length - method.length, SCHEMES)
        : better(best, answer);
  }
  return best;
}
