/** Text from elsewhere for a terminal: tabs and control characters become one column each, and write to no controls. */
export function visible(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : text.replace(/\t/g, ' ').replace(/\p{C}/gu, '·');
}
