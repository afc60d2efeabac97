import { createHash } from 'node:crypto';

export const MIB = 1024 * 1024;

/** So large that whoever holds a body in memory is found out. */
export const VOLUME_BYTES = 512 * MIB;

const BLOCK_BYTES = 64 * 1024;

const pattern = Buffer.alloc(BLOCK_BYTES);
for (let index = 0, state = 1; index < BLOCK_BYTES; index++) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  pattern[index] = state >>> 24;
}

/** From byte `first` on; every block begins with its number, so that one left out, repeated or out of place changes the sum. */
export function* volume(first = 0): Generator<Buffer> {
  for (let at = first; at < VOLUME_BYTES; ) {
    const number = Math.floor(at / BLOCK_BYTES);
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    pattern.copy(block);
    block.writeUInt32LE(number);
    const start = at - number * BLOCK_BYTES;
    yield start === 0 ? block : block.subarray(start);
    at = (number + 1) * BLOCK_BYTES;
  }
}

/** SHA-256 of the whole. */
export function volumeSum(): string {
  const hash = createHash('sha256');
  for (const block of volume()) hash.update(block);
  return hash.digest('hex');
}
