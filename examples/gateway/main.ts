import { ConfigurationError } from 'holdfast';
import { playDemo } from './demo/play-demo.ts';
import { serve } from './serve.ts';
import { readSettings } from './settings.ts';

const USAGE = `npm start              a gateway, its service, and what can go wrong between them
npm start -- --serve   only the gateway and the service, for curl; PORT sets the gateway's port`;

/** Ends the process too early for a stack trace or children to be left behind. */
function refuse(message: string, exitCode: number): never {
  console.error(message);
  process.exit(exitCode);
}

const args = process.argv.slice(2);
const port = Number(process.env.PORT ?? 0);
if (args.some(arg => arg !== '--serve')) refuse(USAGE, 2);
if (!Number.isInteger(port) || port < 0 || port > 65_535)
  refuse(`PORT: expected a port, got "${process.env.PORT}"`, 2);

try {
  const settings = readSettings();
  process.exitCode = args.includes('--serve') ? await serve(settings, port) : await playDemo(settings, port);
} catch (error) {
  // Whoever has mistyped a variable needs its name, not a stack trace.
  if (error instanceof ConfigurationError) refuse(error.message, 2);
  refuse(error instanceof Error ? error.message : String(error), 1);
}
