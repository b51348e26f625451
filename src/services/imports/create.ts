import { createHash, randomUUIDv7 } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { unitOfWork, type Scope } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { enqueue } from '../outbox.ts';
import { readHeader } from './columns.ts';
import { getImport, type ImportView } from './get.ts';
import { patience } from './progress.ts';

export type CreateImport = { file: Buffer; updateExisting: boolean };

/** Takes in a file, whose header it reads, and lets a flow do the rest. */
export async function createImport(scope: Scope, { file, updateExisting }: CreateImport): Promise<ImportView> {
  readHeader(file);
  // Phones can be tried through a plain hash of a short file.
  const digest = createHash('sha256').update(file).digest('hex');
  const hash = Buffer.from(scope.deps.keyRing.mac('import', digest), 'hex');
  const id = randomUUIDv7();
  try {
    await unitOfWork(scope, async (ctx) => {
      await ctx.em.execute(
        `insert into app.flows (id, kind, stage, next_action, next_action_at)
         values (?, 'import', 'importing', 'import', clock_timestamp() + ${patience})`,
        [id],
      );
      await ctx.em.execute('insert into app.imports (id, file, hash, bytes, update_existing) values (?, ?, ?, ?, ?)', [
        id,
        file,
        hash,
        file.length,
        updateExisting,
      ]);
      audit(ctx, 'contact.import', { type: 'import', id });
      await ctx.em.flush();
      await enqueue(ctx, { operation: 'start', kind: 'import', flowId: id, signal: null, args: {} });
    });
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new AppError('conflict', 'The same file is being imported already.');
  }
  return getImport(scope, id);
}
