import { readFileSync } from 'node:fs';

const read = (file: string) => readFileSync(new URL(`certificates/${file}`, import.meta.url), 'utf8');
const pair = (name: string) => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) });

/** Trusts every certificate here. */
export const ca = read('ca.pem');
/** Trusts none of them. */
export const otherCa = read('other-ca.pem');
/** For `localhost`, `service.test` and `127.0.0.1`. */
export const serverPair = pair('server');
/** For `elsewhere.test` only. */
export const elsewherePair = pair('elsewhere');
/** CN `client one`. */
export const clientOne = pair('client-one');
/** CN `client two`. */
export const clientTwo = pair('client-two');
