import type { GatewaySettings } from './settings.ts';

/**
 * Names of the settings of the process that differ, as `group.name`. A reload applies services only: what they take
 * from the process (time-outs of upstreams, backendDown) is applied with them, the rest needs a restart.
 */
export function settingsThatDiffer(before: GatewaySettings, after: GatewaySettings): readonly string[] {
  const values = new Map(flatten(before));
  return flatten(after)
    .filter(([name, value]) => values.get(name) !== value && !APPLIED_WITH_SERVICES.has(name))
    .map(([name]) => name);
}

const APPLIED_WITH_SERVICES = new Set([
  'backend.down',
  'backend.staleSeconds',
  'upstream.connectTimeoutMs',
  'upstream.timeoutMs',
]);

function flatten(settings: object, prefix = ''): readonly (readonly [string, string])[] {
  return Object.entries(settings).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flatten(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, JSON.stringify(value)] as const],
  );
}
