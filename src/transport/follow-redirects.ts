import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Next, Stage } from '../pipeline/stage.ts';
import type { ReceivedReply } from './received-reply.ts';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** With `redirect: 'same-origin'`, follows up to 5 redirects that stay on the endpoint's origin; hands back any other. */
export const followRedirects: Stage<DispatchScope, ReceivedReply> = (scope, next) =>
  scope.request.settings.redirect === 'same-origin' ? follow(scope, next) : next(scope);

async function follow(
  scope: DispatchScope,
  next: Next<DispatchScope, ReceivedReply>,
): Promise<ReceivedReply> {
  let reply = await next(scope);
  let hop = scope;
  for (let count = 0; count < MAX_REDIRECTS; count++) {
    const target = nextHop(hop, reply);
    if (target === undefined) return reply;
    reply.discard();
    hop = target;
    reply = await next(hop);
  }
  return reply;
}

function nextHop(scope: DispatchScope, reply: ReceivedReply): DispatchScope | undefined {
  const { location } = reply.headers;
  if (!REDIRECTS.has(reply.status) || typeof location !== 'string') return undefined;
  const from = new URL(scope.url);
  const to = URL.parse(location, scope.url);
  if (to === null || to.origin !== from.origin || to.username !== '' || to.password !== '') return undefined;
  to.hash = '';
  const { method } = scope;
  // RFC 9110, 15.4: 303 asks for a GET, and so do 301 and 302 after a POST, by everybody's practice.
  const becomesGet =
    reply.status === 303 ? method !== 'HEAD' && method !== 'GET' : reply.status < 303 && method === 'POST';
  if (becomesGet) {
    return { ...scope, url: to.href, method: 'GET', headers: withoutContent(scope.headers), dropBody: true };
  }
  const { kind } = scope.request.body;
  return scope.dropBody || kind !== 'one-shot' ? { ...scope, url: to.href } : undefined;
}

function withoutContent(headers: DispatchScope['headers']): DispatchScope['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
}
