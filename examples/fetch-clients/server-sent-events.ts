import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceClient, TimeoutError } from 'holdfast';
import { startUpstream } from '../upstream.ts';

await using upstream = await startUpstream(async (_req, res) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const percent of [10, 50, 90]) {
    res.write(`event: progress\ndata: {"percent":${percent}}\n\n`);
    await sleep(50);
  } // and then silence, with the connection open
});

// #region server-sent-events
const media = new ServiceClient({
  name: 'media',
  baseUrl: upstream.url,
  timeout: { idleMs: 500 }, // longer than the service's heartbeat; false for one that has none
});

/** Each event as soon as it is there. */
async function* eventsOf({ body }: Response): AsyncGenerator<string> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (text + chunk).split('\n\n');
    text = events.pop() ?? '';
    yield* events;
  }
}

const response = await media.fetch('/jobs/7/events', { headers: { accept: 'text/event-stream' } });
const seen: string[] = [];
try {
  for await (const event of eventsOf(response)) {
    console.log(event);
    seen.push(event);
  }
} catch (error) {
  if (!(error instanceof TimeoutError)) throw error;
  console.log(error.message, `(${error.scope})`); // the service has fallen silent
}
// #endregion

assert.equal(seen.length, 3);
assert.match(seen[2] ?? '', /"percent":90/);
await media.close();
