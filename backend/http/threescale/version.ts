/** The contract that is spoken: its implementation's version, which clients of the monitoring endpoints read. */
const CONTRACT_VERSION = '3.4.3';

/** Answer of `/status`. */
export const STATUS = { status: 'ok', version: { backend: CONTRACT_VERSION } } as const;
