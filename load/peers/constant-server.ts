import { fastify } from 'fastify';

/** A fastify route that returns a constant, as large as the answer to an authrep. Argument: port. */
const BODY =
  '<?xml version="1.0" encoding="UTF-8"?><status><authorized>true</authorized><plan>load</plan><usage_reports>' +
  '<usage_report metric="hits" period="minute"><period_start>2026-11-24 16:00:00 +0000</period_start>' +
  '<period_end>2026-11-24 16:01:00 +0000</period_end><max_value>1000000000</max_value>' +
  '<current_value>123456</current_value></usage_report></usage_reports></status>';

const server = fastify();
server.get('/', () => BODY);
await server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
console.log('ready');
