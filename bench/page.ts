import { fillPage } from './fill-page.ts';
import { blocks } from './page-blocks.ts';

/** Puts the newest reports into docs/performance.md. A block whose benchmark has no report stays as it is. */
export const writePage = (): void => fillPage('performance.md', blocks);
