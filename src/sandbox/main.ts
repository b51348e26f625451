import { loadSandboxConfig } from './config.ts';
import { startSandbox } from './server.ts';

try {
  const config = loadSandboxConfig(process.env);
  const sandbox = await startSandbox(config);
  console.log(`sandbox listening on http://${config.host}:${sandbox.port}`);
  if (sandbox.smtpPort !== undefined) console.log(`its mail server on smtp://${config.host}:${sandbox.smtpPort}`);
  const stop = () => {
    process.off('SIGTERM', stop).off('SIGINT', stop);
    void sandbox.close();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
