/** The demo's service and its two applications. The names are part of the interface: documentation and scripts use them. */
export const EXAMPLE = {
  service: 'demo',
  /** Service token and provider key. */
  token: 'demo-token',
  metric: { id: '1', name: 'hits' },
  unlimited: { application: 'demo-app', plan: 'demo-plan', userKey: 'demo-key' },
  limited: { application: 'demo-app-limited', plan: 'demo-plan-limited', userKey: 'demo-limited', hitsPerMinute: 10 },
} as const;
