/**
 * What the user gave cannot be used: a flag, a variable, a file. The message says what is wrong and what would be
 * right; it is all that is printed, and the exit code is 1.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
