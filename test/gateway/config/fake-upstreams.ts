import type { Upstream } from '../../../gateway/http1/contract.ts';
import type { UpstreamSpec } from '../../../gateway/config/upstreams.ts';

/** Pools that only say whether they are open: what a configuration makes and closes. */
export class UpstreamLedger {
  readonly made: UpstreamSpec[] = [];
  readonly open = new Set<string>();

  readonly create = (spec: UpstreamSpec): Upstream => {
    if (spec.url.endsWith('refused.test')) throw new Error('no such upstream');
    this.made.push(spec);
    this.open.add(spec.url);
    return {
      name: spec.url,
      close: () => {
        this.open.delete(spec.url);
        return Promise.resolve();
      },
    };
  };
}
