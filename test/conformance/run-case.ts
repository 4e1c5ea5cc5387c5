import { bodyOf } from './case.ts';
import type { ConformanceCase, CounterDelta, OperationStep, RequestStep, Step } from './case.ts';
import { checkAnswer } from './check-answer.ts';
import { checkGone, checkKept } from './check-state.ts';
import type { Client } from './client.ts';
import { isRecord, same } from './compare.ts';
import type { Faults } from './compare.ts';
import { applyRemoval, applySetup } from './setup.ts';

/** Runs a case on an emptied store, with the clock set as the case says. Answers what is wrong with it. */
export async function runCase(client: Client, conformanceCase: ConformanceCase): Promise<Faults> {
  const faults: Faults = [];
  try {
    await client.control('/flush');
    await setTime(client, conformanceCase.steps.find((step) => step.at_time !== undefined)?.at_time);
    await applySetup(client, conformanceCase.setup);
    for (const [i, step] of conformanceCase.steps.entries()) {
      const found: Faults = [];
      if (step.at_time !== undefined) await setTime(client, step.at_time);
      await runStep(client, step, found);
      const name = step.op ?? `${step.method} ${step.path}`;
      faults.push(...found.map((fault) => `step ${i} ${name}: ${fault}`));
    }
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  return faults;
}

async function setTime(client: Client, at: string | undefined): Promise<void> {
  await client.control('/time', { at: at ?? '' });
}

async function runStep(client: Client, step: Step, faults: Faults): Promise<void> {
  if (step.op === undefined) await runRequest(client, step, faults);
  else await runOperation(client, step, faults);
}

async function runRequest(client: Client, step: RequestStep, faults: Faults): Promise<void> {
  const path = step.query === undefined || step.query === '' ? step.path : `${step.path}?${step.query}`;
  const answer = await client.send(step.method, path, { body: bodyOf(step), headers: step.headers });
  checkAnswer(step.expect, answer, faults);
  if (step.state_delta === undefined) return;
  await checkKept(client, step.state_delta.set ?? {}, faults);
  await checkGone(client, step.state_delta.remove ?? {}, faults);
}

async function runOperation(client: Client, step: OperationStep, faults: Faults): Promise<void> {
  switch (step.op) {
    case 'drain':
      await client.control('/drain');
      for (const counter of step.counters_delta ?? []) await checkCounter(client, counter, faults);
      return;
    case 'mutate':
      await applyRemoval(client, step.remove ?? {});
      return applySetup(client, step.set ?? {});
    case 'flush_notifications':
      await client.control('/flush_notifications');
      return;
    case 'seed_counters':
      for (const counter of step.counters ?? []) {
        await client.control('/set', { key: keyOf(counter), value: String(counter.value ?? '') });
      }
      return;
    case 'seed_error':
      for (let i = 0; i < (step.count ?? 1); i++) {
        const { service_id = '', code = '', message = '' } = step;
        await client.control('/seed_error', { service_id, code, message });
      }
      return;
    case 'seed_event':
      await client.control('/seed_event', { type: step.type ?? '', object: JSON.stringify(step.object) });
      return;
    case 'delete_key':
      await client.control('/set', { key: step.key ?? '', value: '' });
  }
}

/**
 * A counter after the drain. The sum of a service is left out where an application's counter was set (`#N`): the
 * recorded server then sets the whole sum to N, whatever the service's other applications have used.
 */
async function checkCounter(client: Client, counter: CounterDelta, faults: Faults): Promise<void> {
  if (counter.kind === undefined || counter.app_id === undefined) return;
  const key = keyOf(counter);
  const answer = await client.control('/counter', { key });
  const value = isRecord(answer) ? (answer['value'] ?? null) : null;
  same(key, counter.value ?? null, value === null ? null : Number(value), faults);
}

function keyOf(counter: CounterDelta): string {
  const owner = counter.app_id === undefined ? '' : `/cinstance:${counter.app_id}`;
  const prefix = `stats/{service:${counter.service_id}}${owner}`;
  if (counter.kind === undefined) return `${prefix}/cinstances`;
  return `${prefix}/${counter.kind}:${counter.id}/${counter.period}${counter.at === undefined ? '' : `:${counter.at}`}`;
}
