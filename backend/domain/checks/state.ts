import { denials } from '../errors.ts';
import type { Denial } from '../errors.ts';
import type { Application } from '../model.ts';

export function checkApplicationState(application: Application): Denial | null {
  return application.state === 'active' ? null : denials.applicationNotActive;
}

export function checkServiceState(application: Application): Denial | null {
  return application.service.active ? null : denials.serviceNotActive;
}
