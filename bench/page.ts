import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/dev/programs.ts';
import { blocks } from './page-blocks.ts';

/** Between these two lines of the page stands what a run has said; everything else is written by hand. */
const block = /(<!-- figures:([a-z-]+) -->\n)[\s\S]*?(<!-- \/figures -->)/g;

/** Puts the newest reports into docs/performance.md. A block whose benchmark has no report stays as it is. */
export function writePage(): void {
  const path = join(root, 'docs', 'performance.md');
  const page = readFileSync(path, 'utf8');
  const next = page.replaceAll(block, (whole, open: string, name: string, close: string) => {
    const render = Object.hasOwn(blocks, name) ? blocks[name] : undefined;
    if (!render) throw new Error(`Nothing renders the block ${name}`);
    const lines = render();
    console.log(`${name.padEnd(12)}${lines ? 'written' : 'has no report, left as it is'}`);
    return lines ? `${open}\n${lines.join('\n')}\n\n${close}` : whole;
  });
  writeFileSync(path, next);
}
