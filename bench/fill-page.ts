import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/dev/programs.ts';

/** The lines of a block of a page, or nothing where no run has said anything for it. */
export type Render = () => string[] | undefined;

/** Between these two lines of a page stands what a run has said; everything else is written by hand. */
const block = /(<!-- figures:([a-z-]+) -->\n)[\s\S]*?(<!-- \/figures -->)/g;

/** Renders the blocks of a page of docs/. One that has nothing to show stays as it is. */
export function fillPage(file: string, renders: Record<string, Render>): void {
  const path = join(root, 'docs', file);
  const page = readFileSync(path, 'utf8');
  const next = page.replaceAll(block, (whole, open: string, name: string, close: string) => {
    const render = Object.hasOwn(renders, name) ? renders[name] : undefined;
    if (!render) throw new Error(`Nothing renders the block ${name}`);
    const lines = render();
    console.log(`${name.padEnd(12)}${lines ? 'written' : 'has no report, left as it is'}`);
    return lines ? `${open}\n${lines.join('\n')}\n\n${close}` : whole;
  });
  writeFileSync(path, next);
}
