import { onAskedToEnd } from './asked-to-end.ts';
import { CallLog } from './demo/call-log.ts';
import { field, print, row, title } from './demo/terminal.ts';
import { type Running, start, stop } from './running.ts';
import type { Settings } from './settings.ts';

/** Keeps the gateway up until it is asked to end, then ends it gracefully. */
export async function serve(settings: Settings, port: number): Promise<number> {
  const asked = new Promise<string>(resolve => onAskedToEnd(resolve));
  const running = await start(settings, port);
  invite(running);
  new CallLog(running.youtube);
  const why = await asked;
  row('note', 'gateway', `${why}: finishing what is under way`);
  await stop(running);
  row('note', 'gateway', 'closed');
  return 0;
}

function invite({ gatewayUrl, serviceUrl, service }: Running): void {
  title('holdfast: a gateway and the service behind it');
  field('gateway', gatewayUrl);
  field('service', service === undefined ? serviceUrl : `${serviceUrl} (process ${service.pid})`);
  title('Try');
  print(`  curl -i ${gatewayUrl}/health`);
  print(`  curl -i ${gatewayUrl}/info -d '{"url":"https://youtu.be/dQw4w9WgXcQ"}'`);
  print(`  curl -i ${gatewayUrl}/info -d '{"url":"nonsense"}'`);
  print(`  curl -o video.mp4 ${gatewayUrl}/download/dQw4w9WgXcQ`);
  if (service !== undefined) {
    title('Break it, and call again');
    print(`  kill -STOP ${service.pid}    # it stalls; -CONT ends that`);
    print(`  kill ${service.pid}          # it is gone`);
  }
  print('\nCtrl-C ends both. What happens from here on:\n');
}
