import { setUpExample } from './set-up.ts';

// What docker-compose.yml runs once: makes the demo's service in the backend at BACKEND_URL.
const { BACKEND_URL = '', INTERNAL_API_USER = '', INTERNAL_API_PASSWORD = '' } = process.env;
const backend = new URL(BACKEND_URL);
backend.username = encodeURIComponent(INTERNAL_API_USER);
backend.password = encodeURIComponent(INTERNAL_API_PASSWORD);
await setUpExample(backend);
console.log(`the example service is in ${backend.host}`);
