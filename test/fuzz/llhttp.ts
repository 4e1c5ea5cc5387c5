import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { emptyReading } from './reading.ts';
import type { Reading } from './reading.ts';

/** A connection in memory: what is pushed is read by the parser, what it writes is thrown away. */
class MemoryConnection extends Duplex {
  override _read(): void {}

  override _write(_bytes: unknown, _encoding: unknown, done: () => void): void {
    done();
  }
}

/** node:http's server, which never listens, as the reader of requests. */
const server = createServer({ maxHeaderSize: 65_536, requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
const readings = new WeakMap<object, Reading>();
server.maxHeadersCount = 0;
server.on('request', (message) => note(readings.get(message.socket), `${message.method} ${message.url}`, message));
server.on('checkContinue', (message) =>
  note(readings.get(message.socket), `${message.method} ${message.url}`, message),
);
// What was read before the error still comes to its end.
server.on('clientError', (_error, socket) => {
  const reading = readings.get(socket);
  if (reading !== undefined) reading.refused = true;
});

/** What node:http makes of each input. */
export async function readRequestsByLlhttp(inputs: readonly string[]): Promise<Reading[]> {
  const connections: MemoryConnection[] = [];
  const results = inputs.map((input) => {
    const connection = new MemoryConnection();
    const reading = emptyReading();
    readings.set(connection, reading);
    server.emit('connection', connection);
    connection.push(Buffer.from(input, 'latin1'));
    connections.push(connection);
    return reading;
  });
  await settle();
  for (const connection of connections) connection.destroy();
  return results;
}

/** What node:http's client makes of each input as the answer to GET or HEAD, after which the connection ends. */
export async function readResponsesByLlhttp(inputs: readonly string[], isHead: boolean): Promise<Reading[]> {
  const connections: MemoryConnection[] = [];
  const results = inputs.map((input) => {
    const connection = new MemoryConnection();
    const reading = emptyReading();
    const client = request({
      method: isHead ? 'HEAD' : 'GET',
      maxHeaderSize: 65_536,
      createConnection: () => connection,
    });
    client.on('response', (message) => note(reading, `${message.statusCode}`, message));
    client.on('error', () => (reading.refused = true));
    client.end();
    connection.push(Buffer.from(input, 'latin1'));
    connection.push(null);
    connections.push(connection);
    return reading;
  });
  await settle();
  for (const connection of connections) connection.destroy();
  return results;
}

function note(reading: Reading | undefined, start: string, message: IncomingMessage): void {
  if (reading === undefined) return;
  const raw = message.rawHeaders;
  const fields = Array.from({ length: raw.length / 2 }, (_, i) => `${raw[i * 2]?.toLowerCase()}: ${raw[i * 2 + 1]}`);
  const read = { start, fields, body: '', complete: false };
  reading.messages.push(read);
  message.on('data', (bytes: Buffer) => (read.body += bytes.toString('latin1')));
  message.on('end', () => (read.complete = message.complete));
  message.on('error', () => {});
}

/** All that the parsers do with what they were given happens within a few turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
