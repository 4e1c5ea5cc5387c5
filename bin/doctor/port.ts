import { createServer } from 'node:net';
import { ok, problem, reasonOf, warning } from './finding.ts';
import type { Finding } from './finding.ts';

/** Could we listen there? */
export async function portFinding(subject: string, host: string, port: number): Promise<Finding> {
  if (port === 0) return ok(subject, 'the system chooses one');
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return ok(subject, `${host}:${port} is free`);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'EADDRINUSE') {
      return warning(
        subject,
        `${host}:${port} is in use`,
        'fine if it is running already; else stop what uses it, or choose another',
      );
    }
    return problem(subject, `${host}:${port} cannot be listened on (${reason})`, 'choose another address or port');
  } finally {
    server.close();
  }
}
