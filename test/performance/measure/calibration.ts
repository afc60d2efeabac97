/** A fixed piece of work of the kind that a client does: promises, small objects, a Map, a closure. What else is timed, is timed in these. */
export async function calibration(times: number): Promise<void> {
  const seen = new Map<string, object>();
  for (let index = 0; index < times; index++) {
    const key = `call-${index % 100}`;
    const record = { ...TEMPLATE, index, key };
    seen.set(key, record);
    const stages = [record, record, record, record].map(item => async () => item.index);
    for (const stage of stages) await stage();
    JSON.parse(JSON.stringify(record));
  }
}

const TEMPLATE = {
  method: 'GET',
  path: '/users/7',
  headers: { accept: 'application/json', 'user-agent': 'x' },
};
