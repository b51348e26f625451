import { TestWorkflowEnvironment } from '@temporalio/testing';

// The SDK downloads a server only by starting one, so one is started and stopped.
const [downloadDir, version] = process.argv.slice(2);
try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir, version, ttl: '365 days' } },
  });
  await environment.teardown();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
