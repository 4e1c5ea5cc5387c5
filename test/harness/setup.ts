import { afterAll } from 'vitest';
import { stopAll } from './resources.ts';

afterAll(stopAll);
