import type { Stage } from './stage.ts';
import { endProgress, mebibytes, phase, progress, row } from './terminal.ts';

const VIDEO = 'dQw4w9WgXcQ';

/** What can be done with a service that is not the demo's own: nobody may break that one. */
export async function plainCalls(stage: Stage): Promise<void> {
  phase(
    1,
    'Plain calls: the service that YOUTUBE_SERVICE_URL names is not ours to break',
    'unset the variable to see the faults; with --serve the gateway stays up for your own calls',
  );
  await stage.get('health', '/health');
  await stage.info(`https://youtu.be/${VIDEO}`, 200);
  const { status, bytes, sha256 } = await stage.download(VIDEO, 0, ({ bytes, total, bytesPerSecond }) => {
    progress(total > 0 ? bytes / total : 0, `${mebibytes(bytes)}, ${mebibytes(bytesPerSecond)}/s`);
  });
  endProgress();
  if (status === 200) row('note', 'download', `${bytes} bytes, SHA-256 ${sha256.slice(0, 16)}…`);
}
