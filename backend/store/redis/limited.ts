/**
 * Runs a task for each item, at most `width` at a time; answers in the order of the items. Rejects with the first
 * failure, and starts nothing after it.
 */
export async function limited<T, R>(items: readonly T[], width: number, task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      const item = items[index];
      next += 1;
      if (item !== undefined) results[index] = await task(item);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  } finally {
    next = items.length;
  }
  return results;
}
