import type { UpstreamConfig } from '../../../../gateway/http1/config.ts';
import type { Exchange } from '../../../../gateway/http1/contract.ts';
import { TestClock } from '../../../harness/clock.ts';
import { connectRaw } from '../../../harness/raw.ts';
import type { RawClient } from '../../../harness/raw.ts';
import { startEngine } from './engine.ts';
import type { TestEngine } from './engine.ts';
import { startScripted } from './scripted-upstream.ts';
import type { ScriptedRequest, ScriptedUpstream } from './scripted-upstream.ts';

/** Answers after which the upstream is known to be fast and to keep its connections. */
export const PROOF = 60;

/** An engine that pipelines, before an upstream that has shown that it can. */
export class PipelinedWorld {
  readonly upstream: ScriptedUpstream;
  readonly engine: TestEngine;
  readonly clock: TestClock;

  constructor(upstream: ScriptedUpstream, engine: TestEngine, clock: TestClock) {
    this.upstream = upstream;
    this.engine = engine;
    this.clock = clock;
  }

  /** Each request on a client of its own, all forwarded in one tick; from now on the test answers. */
  async together(...requests: readonly string[]): Promise<RawClient[]> {
    const { handler } = this.engine;
    const held: Exchange<string>[] = [];
    handler.decide = (exchange) => {
      held.push(exchange);
      if (held.length < requests.length) return;
      const all = held.toSorted((a, b) => placeOf(a) - placeOf(b));
      handler.decide = (later) => handler.pass(later);
      for (const each of all) handler.pass(each);
    };
    const placeOf = ({ path }: Exchange<string>): number => requests.findIndex((text) => text.includes(` ${path} `));
    const clients: RawClient[] = [];
    for (const text of requests) {
      const client = await connectRaw(this.engine.port);
      client.send(text);
      clients.push(client);
    }
    return clients;
  }

  /** The requests that came after the proof, when there are `count` of them. */
  async arrived(count: number): Promise<readonly ScriptedRequest[]> {
    await this.upstream.arrived.wait(PROOF + count);
    return this.upstream.requests.slice(PROOF);
  }
}

export function get(path: string, method = 'GET'): string {
  return `${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

/** With up to four requests on a connection, and one connection that is idle. */
export async function startPipelined(config: Partial<UpstreamConfig> = {}): Promise<PipelinedWorld> {
  const clock = new TestClock();
  const upstream = await startScripted();
  const engine = await startEngine({ clock, upstream: { url: upstream.url, pipelining: 4, ...config } });
  const client = await connectRaw(engine.port);
  for (let i = 0; i < PROOF; i++) {
    client.send(get('/proof'));
    await client.readUntil('/proof');
  }
  upstream.answer = () => {};
  return new PipelinedWorld(upstream, engine, clock);
}
