import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dashboardRoutes } from '../../../backend/http/dashboard/routes.ts';
import { describeRoutes, docsRoutes } from '../../../backend/http/docs/routes.ts';

let server: FastifyInstance;

beforeAll(async () => {
  server = fastify();
  await describeRoutes(server);
  await server.register(docsRoutes);
  await server.register(dashboardRoutes);
  server.get('/described', { schema: { summary: 'a route', tags: ['operations'] } }, () => 'x');
});

afterAll(() => server.close());

test('the dashboard needs nothing from elsewhere and runs nothing in place', async () => {
  const page = await server.inject('/');
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.body).not.toMatch(/https?:\/\/|<script>|<style| style=| on[a-z]+=/);
  const assets = [...page.body.matchAll(/(?:src|href)="(\/dashboard\/[^"]+)"/g)].map((match) => match[1] ?? '');
  expect(assets).toHaveLength(2);
  for (const asset of [...assets, '/dashboard/chart.js']) {
    const { statusCode, headers } = await server.inject(asset);
    expect([statusCode, headers['x-content-type-options']]).toEqual([200, 'nosniff']);
  }
});

test.each(['/dashboard/../routes.ts', '/dashboard/%2e%2e/routes.ts', '/dashboard/..%2froutes.ts', '/dashboard/'])(
  '%s is not served',
  async (path) => {
    expect((await server.inject(path)).statusCode).toBeGreaterThanOrEqual(400);
  },
);

test('the description of the API is OpenAPI 3.1 and tells of every route that is not hidden', async () => {
  const { body } = await server.inject('/openapi.json');
  const document: { openapi: string; paths: Record<string, unknown> } = JSON.parse(body);
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(['/described']);
});

test('the API can be browsed without anything from elsewhere', async () => {
  const page = await server.inject('/docs/');
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-security-policy']).not.toMatch(/https?:|upgrade-insecure-requests/);
});
