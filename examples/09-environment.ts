import assert from 'node:assert/strict';
import { ConfigurationError, optionsFromEnv, ServiceClient } from 'holdfast';
import { sendJson, startUpstream } from './upstream.ts';

await using upstream = await startUpstream((_req, res) => sendJson(res, 200, { title: 'a video' }));
Object.assign(process.env, {
  YOUTUBE_SERVICE_URL: upstream.url,
  YOUTUBE_SERVICE_TIMEOUT: '30',
  YOUTUBE_RETRY_DELAY: '1500ms',
});

// #region from-env
const youtube = ServiceClient.fromEnv('youtube'); // YOUTUBE_SERVICE_URL and the others of process.env
const { data } = await youtube.post('/info', { json: { url: 'https://youtu.be/abc' }, idempotent: true });
// #endregion
console.log(data);
assert.deepEqual(data, { title: 'a video' });
await youtube.close();

// #region options-from-env
const options = optionsFromEnv('youtube', {
  YOUTUBE_SERVICE_URL: 'http://10.0.0.1:3001, http://10.0.0.2:3001', // a list gives several endpoints
  YOUTUBE_RETRY_ATTEMPTS: '5',
  YOUTUBE_HEALTH_PATH: '/health', // switches probing on
});
console.log(options.endpoints, options.retry, options.probe);
// #endregion
assert.deepEqual(options.endpoints, ['http://10.0.0.1:3001', 'http://10.0.0.2:3001']);

// #region every-problem
try {
  optionsFromEnv('youtube', { YOUTUBE_RETRY_DELAY: 'soon', YOUTUBE_RETRY_ATTEMPTS: '0' });
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  for (const { path, message } of error.issues) console.log(`${path}: ${message}`);
}
// #endregion
