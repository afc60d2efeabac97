import { ServiceClient } from 'holdfast';

/** Short enough that a run shows everything in half a minute; each gives way to a variable of the same name. */
const DEMO_SETTINGS = {
  YOUTUBE_SERVICE_TIMEOUT: '2s',
  YOUTUBE_RETRY_ATTEMPTS: '3',
  YOUTUBE_RETRY_DELAY: '200ms',
  YOUTUBE_HEALTH_PATH: '/health',
  YOUTUBE_HEALTH_INTERVAL: '500ms',
  YOUTUBE_BREAKER_MIN_THROUGHPUT: '15',
  YOUTUBE_BREAKER_OPEN: '2s',
};

export type Settings = Readonly<Record<string, string | undefined>>;

/** What the environment says of the service; the demo's settings beneath it when the service is the demo's own. */
export function readSettings(): Settings {
  const given = Object.entries(process.env).filter(
    ([name, value]) => name.startsWith('YOUTUBE_') && value?.trim(),
  );
  const settings: Settings = Object.fromEntries(given);
  return settings.YOUTUBE_SERVICE_URL === undefined ? { ...DEMO_SETTINGS, ...settings } : settings;
}

/** The one line a gateway needs to be ready for a service that is not always there. */
export function youtubeClient(settings: Settings): ServiceClient {
  // Half of each wait is fixed, so that the demo's faults, which last for one attempt, are over by the next one.
  return ServiceClient.fromEnv('youtube', { retry: { backoff: { jitter: 'equal' } } }, settings);
}
