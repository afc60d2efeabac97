import { madeByEach, watchMaking } from './count-made.ts';
import { startServer } from './start-server.ts';

watchMaking();
const { contestants } = await import('./contestants.ts');
const { refusedCalls } = await import('./refusing-client.ts');

const jobs = { ...contestants(await startServer()), refusal: await refusedCalls() };
const found: Record<string, object> = {};
for (const [name, job] of Object.entries(jobs)) found[name] = await madeByEach(job);
process.send?.(found);
