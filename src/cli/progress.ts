/** How far a command is, for who watches its terminal. */

/**
 * One line of the terminal, written over and over; cut, as a line that wraps cannot be. An empty text takes it away.
 */
export function showProgress(text: string): void {
  process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
}
