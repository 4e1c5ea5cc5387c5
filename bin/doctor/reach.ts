import { createConnection } from 'node:net';
import { ok, problem, reasonOf, warning } from './finding.ts';
import type { Finding } from './finding.ts';

/** Clocks that differ by more make usage fall into other windows than limits, ms. The Date field is in whole seconds. */
const MAX_CLOCK_DIFFERENCE = 2_000;

/** Does something accept connections at an upstream's address (`http://`, `https://` or `unix:/path`)? */
export async function upstreamFinding(service: string, target: string, timeoutMs: number): Promise<Finding> {
  const subject = `upstream of ${service}`;
  try {
    await connect(target, timeoutMs);
    return ok(subject, `${target} accepts connections`);
  } catch (error) {
    return problem(
      subject,
      `${target} cannot be reached (${reasonOf(error)})`,
      'start the app, or correct the address',
    );
  }
}

function connect(target: string, timeoutMs: number): Promise<void> {
  const where = target.startsWith('unix:') ? { path: target.slice('unix:'.length) } : hostAndPort(new URL(target));
  return new Promise((resolve, reject) => {
    const socket = createConnection({ ...where, timeout: timeoutMs });
    socket.once('connect', () => resolve());
    socket.once('timeout', () => reject(new Error(`no answer in ${timeoutMs} ms`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    socket.once('connect', () => socket.destroy());
  });
}

function hostAndPort(url: URL): { readonly host: string; readonly port: number } {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replaceAll(/^\[|\]$/g, ''), port };
}

/** Which backend answers there, does it know the service's token, and do the clocks agree? */
export async function backendFindings(
  backend: string,
  service: { readonly id: string; readonly tokenKind: string; readonly token: string },
  timeoutMs: number,
  now: () => number,
): Promise<Finding[]> {
  try {
    const discovery = await fetch(`${backend}/v1`, { signal: AbortSignal.timeout(timeoutMs) });
    const ours = discovery.ok && (await discovery.text()).includes('"tallygate"');
    const kind = ours
      ? 'a Tallygate backend: leases can be used'
      : 'no Tallygate backend: REPORTING_MODE=batched or per-request';
    return [
      ok('backend', `${backend} is ${kind}`),
      clockFinding(discovery.headers.get('date'), now()),
      await tokenFinding(backend, service, timeoutMs),
    ];
  } catch (error) {
    return [
      problem('backend', `${backend} cannot be reached (${reasonOf(error)})`, 'start it, or correct BACKEND_URL'),
    ];
  }
}

function clockFinding(date: string | null, now: number): Finding {
  if (date === null) return warning('clock', 'the backend does not tell its time', 'compare the clocks yourself');
  const difference = Math.abs(now - Date.parse(date));
  if (difference <= MAX_CLOCK_DIFFERENCE) return ok('clock', 'agrees with the backend');
  return problem(
    'clock',
    `differs from the backend's by ${Math.round(difference / 1000)} s`,
    'synchronise both with NTP',
  );
}

/** Asks for an application that nobody has: the answer shows whether the service and its token are known. */
async function tokenFinding(
  backend: string,
  service: { readonly id: string; readonly tokenKind: string; readonly token: string },
  timeoutMs: number,
): Promise<Finding> {
  const query = new URLSearchParams({
    service_id: service.id,
    [service.tokenKind]: service.token,
    user_key: 'tallygate-doctor',
  });
  const response = await fetch(`${backend}/transactions/authorize.xml?${query.toString()}`, {
    signal: AbortSignal.timeout(timeoutMs),
  });
  const code = /code="(\w+)"/.exec(await response.text())?.[1] ?? `HTTP ${response.status}`;
  const subject = `service ${service.id}`;
  if (code === 'user_key_invalid' || code === 'application_not_found')
    return ok(subject, 'is known to the backend by its token');
  return problem(
    subject,
    `the backend refuses its token (${code})`,
    'create the service and its token there, or correct them here',
  );
}
