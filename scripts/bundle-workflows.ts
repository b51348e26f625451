import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { workflowSources } from '../src/temporal/workflow-sources.ts';

/**
 * `npm run bundle-workflows <file>`: the workflows as one script, for WORKFLOW_BUNDLE. The SDK that runs it must be the
 * one that made it.
 */
const file = process.argv[2];
if (!file) throw new Error('Usage: npm run bundle-workflows <file>');
const { code } = await bundleWorkflowCode(workflowSources);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, code);
