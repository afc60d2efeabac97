import assert from 'node:assert/strict';
import { ServiceClient, type StandardSchemaV1, ValidationError } from 'holdfast';
import { z } from 'zod';
import { sendJson, startUpstream } from './upstream.ts';

await using upstream = await startUpstream((req, res) =>
  sendJson(res, 200, req.url === '/users/8' ? { id: 'eight' } : { id: 7, name: 'Ada' }),
);
const users = new ServiceClient({ name: 'users', baseUrl: upstream.url });

// #region schema
const User = z.object({ id: z.number(), name: z.string() });

const { data: user } = await users.get('/users/{id}', { params: { id: 7 }, schema: User });
console.log(user.name.toUpperCase()); // checked, and typed: { id: number; name: string }
// #endregion
assert.deepEqual(user, { id: 7, name: 'Ada' });

// #region mismatch
try {
  await users.get('/users/8', { schema: User });
} catch (error) {
  if (!(error instanceof ValidationError)) throw error;
  console.log(error.message); // users: body of 200 from http://… does not match its schema, 2 issues
  console.log(error.issues); // [{ path: 'id', message: … }, { path: 'name', message: … }]
}
// #endregion
assert.equal(upstream.requests.filter(request => request === 'GET /users/8').length, 1, 'never sent again');

// #region standard-schema
/** Any Standard Schema will do: zod, valibot, arktype, or one of your own. */
const UserName: StandardSchemaV1<unknown, string> = {
  '~standard': {
    version: 1,
    vendor: 'example',
    validate: value => {
      const { name } = Object(value);
      return typeof name === 'string'
        ? { value: name }
        : { issues: [{ message: 'no name', path: ['name'] }] };
    },
  },
};

const { data: name } = await users.get('/users/7', { schema: UserName });
// #endregion
console.log(name);
assert.equal(name, 'Ada');

// #region unchecked
const { data } = await users.get<{ name: string }>('/users/7'); // your word for it: nothing is checked
const { data: bytes } = await users.get<Uint8Array>('/users/7', { responseType: 'bytes' });
// #endregion
assert.equal(data.name, 'Ada');
assert.ok(bytes instanceof Uint8Array);
await users.close();
