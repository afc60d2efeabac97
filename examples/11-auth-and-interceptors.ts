import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { type AttemptInterceptor, type Auth, type CallInterceptor, ServiceClient } from 'holdfast';
import { sendJson, startUpstream } from './upstream.ts';

await using upstream = await startUpstream((req, res) => {
  const { authorization, 'x-signature': signature, 'x-tenant': tenant } = req.headers;
  if (authorization !== 'Bearer token-2') sendJson(res, 401, { message: 'token expired' });
  else sendJson(res, 200, { signature, tenant });
});
let issued = 0;
const fetchToken = async () => `token-${++issued}`;

// #region auth
let token: string | undefined;
const auth: Auth = async ({ refresh }) => {
  if (refresh || token === undefined) token = await fetchToken(); // after a 401: once, for all calls
  return `Bearer ${token}`;
};
// #endregion

// #region interceptors
/** Once per call. */
const addTenant: CallInterceptor = (request, next) =>
  next({ ...request, headers: { ...request.headers, 'x-tenant': 'acme' } });

/** Once per request on the wire. */
const sign: AttemptInterceptor = (request, next) => {
  const signature = createHmac('sha256', 'secret').update(`${request.method} ${request.url}`).digest('hex');
  return next({ ...request, headers: { ...request.headers, 'x-signature': signature } });
};

const billing = new ServiceClient({
  name: 'billing',
  baseUrl: upstream.url,
  auth,
  interceptors: { call: [addTenant], attempt: [sign] },
});
// #endregion

const { data, attempts } = await billing.post<{ tenant: string; signature: string }>('/invoices', {
  json: {},
});
console.log(data, attempts);
assert.equal(data.tenant, 'acme');
assert.equal(data.signature.length, 64);
assert.deepEqual(
  attempts.map(({ status }) => status),
  [401, 200],
);
await billing.close();
