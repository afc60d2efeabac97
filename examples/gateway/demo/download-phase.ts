import { setTimeout } from 'node:timers/promises';
import { VIDEO_BYTES } from '../service/video.ts';
import type { Phase } from './fault-schedule.ts';
import { counted, endProgress, mebibytes, progress, row } from './terminal.ts';

const VIDEO = 'dQw4w9WgXcQ';
const PAUSE_MS = 1_000;
/** The kernel's socket buffers hold up to tens of MiB between the processes, whatever the size of the video. */
const MAX_ON_THE_WAY = 96 * 1024 * 1024;

const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'video/mp4',
  'content-length': String(VIDEO_BYTES),
  'content-disposition': `attachment; filename="${VIDEO}.mp4"`,
  etag: `"${VIDEO}-1"`,
  'x-video-quality': '1080p',
};

/** A large body through the gateway, its first attempt reset, its client slow for a while. */
export const downloadPhase: Phase = {
  title: `Download: ${mebibytes(VIDEO_BYTES)} through the gateway, the first attempt is reset`,
  watch:
    'the client stands still for a second halfway: the gateway holds the service back instead of filling its memory',
  async run(stage, service) {
    const { checks, log, retries } = stage;
    if (retries) await service.ask('breakNext', 'reset');
    let onTheWay: Promise<number> | undefined;
    const got = await stage.download(VIDEO, PAUSE_MS, ({ bytes, total, bytesPerSecond, pausing }) => {
      progress(bytes / total, `${mebibytes(bytes)} of ${mebibytes(total)}, ${mebibytes(bytesPerSecond)}/s`);
      if (!pausing) return;
      row('note', 'client', 'stands still for a second');
      onTheWay = setTimeout(PAUSE_MS * 0.8).then(async () => (await service.ask('downloadSent')) - bytes);
    });
    endProgress();

    const digest = await stage.get('sha256', `/download/${VIDEO}/sha256`, 200);
    const { sha256 } = JSON.parse(digest.body);
    row('note', 'sha256', `client  ${got.sha256.slice(0, 40)}…`);
    row('note', 'sha256', `service ${String(sha256).slice(0, 40)}…`);
    const whole = got.bytes === VIDEO_BYTES && got.sha256 === sha256;
    checks.expect(
      'the download arrives whole and byte-identical',
      whole,
      `${got.bytes} bytes, SHA-256 ${whole ? 'equal' : 'different'}`,
    );
    const names = Object.keys(HEADERS);
    const changed = names.filter(name => got.headers[name] !== HEADERS[name]);
    const headers = changed.length === 0 ? names.join(', ') : `missing or changed: ${changed.join(', ')}`;
    checks.expect('its headers arrive as they were sent', changed.length === 0, headers);
    if (retries) {
      const attempts = log.attemptsOf(got.requestId).length;
      const what = 'a reset before the first byte does not reach the client';
      checks.expect(what, attempts > 1, counted(attempts, 'attempt'));
    }
    const held = await onTheWay;
    checks.expect(
      'a client that stands still holds the service back',
      held !== undefined && held < MAX_ON_THE_WAY,
      `${mebibytes(held ?? 0)} on the way while it stood still`,
    );
  },
};
