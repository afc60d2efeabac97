/** What the servers answer: about 300 B of JSON. */
export const ANSWER = Buffer.from(JSON.stringify({ id: 7, name: 'Ada', text: 'x'.repeat(262) }));
