/**
 * Everything that a test starts outside of itself (servers, processes, folders). What a test does not stop is stopped
 * at the end of its file by `setup.ts`; what even that misses is killed when the process exits.
 */
interface Resource {
  /** Stops it in good order. Safe to call twice. */
  stop(): Promise<void>;
  /** Last resort, at the exit of the process: must not wait. */
  abandon(): void;
}

const resources = new Set<Resource>();
let watching = false;

/** Registers a started resource; the answer takes it off the list again. */
export function track(resource: Resource): () => void {
  if (!watching) {
    watching = true;
    process.once('exit', () => {
      for (const left of resources) left.abandon();
    });
  }
  resources.add(resource);
  return () => resources.delete(resource);
}

/** Stops all that is still running, the last started first. */
export async function stopAll(): Promise<void> {
  for (const resource of [...resources].toReversed()) {
    resources.delete(resource);
    await resource.stop();
  }
}
