import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Runs `load`, an import of much code, so that the process stays small: the young generation keeps its first size
 * (1 MB a half) from here on, and until `load` is done the heap may grow by 5 % only between two full collections, so
 * that what the compiler leaves behind is not kept room for. Call it before the process has anything else to do.
 */
export async function loadFrugally<Module>(load: () => Promise<Module>): Promise<Module> {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=5');
  // The bound of the heap's growth is computed anew by a full collection only.
  collect();
  try {
    return await load();
  } finally {
    collect();
    setFlagsFromString('--heap-growing-percent=0');
  }
}

/** A full collection. Only a context that is made while the flag is set has the function. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('globalThis.gc?.()');
  setFlagsFromString('--no-expose-gc');
}
