import { fileURLToPath } from 'node:url';

const path = (file: string): string => fileURLToPath(new URL(`../workflows/${file}`, import.meta.url));

/** What the script of the workflows is bundled from, wherever that is done. */
export const workflowSources = {
  workflowsPath: path('index.ts'),
  workflowInterceptorModules: [path('trace-headers.ts')],
};
