import { connect } from 'node:http2';

// A frame of 46 bytes: HealthCheckRequest{ service }.
const service = Buffer.from('temporal.api.workflowservice.v1.WorkflowService');
const message = Buffer.concat([Buffer.from([0x0a, service.length]), service]);
const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
// HealthCheckResponse{ status: SERVING }.
const serving = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);

/** Whether a Temporal frontend answers; spoken by hand, since loading a gRPC client takes longer than the server's start. */
export function isServing(address: string, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const answer = (healthy: boolean) => {
      session.destroy();
      resolve(healthy);
    };
    session.setTimeout(timeoutMs, () => answer(false));
    session.on('error', () => answer(false));
    const request = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    request.on('error', () => answer(false));
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(Buffer.concat(chunks).equals(serving)));
    request.end(frame);
  });
}
