import { execFileSync } from 'node:child_process';
import { root } from '../scripts/dev/programs.ts';

/** Documents change with every page that is written, and nothing that runs with them. */
const CODE = ['--', '.', ':!docs', ':!*.md'];

/** The commit that runs, "with changes" when the code differs from it. A copy without a repository has none. */
export function commitOf(folder = root): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const commit = git('rev-parse', '--short', 'HEAD');
    return git('status', '--porcelain', ...CODE) === '' ? commit : `${commit} with changes`;
  } catch {
    return 'none';
  }
}
