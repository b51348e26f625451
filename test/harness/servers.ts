type Server = { stop(): Promise<void> };

const holder = globalThis as typeof globalThis & { carillonServers?: Server[] };

/** Jest runs set-up and teardown in one process, but loads each as a world of its own. */
export function rememberServers(servers: Server[]): void {
  holder.carillonServers = servers;
}

export async function stopServers(): Promise<void> {
  for (const server of holder.carillonServers ?? []) await server.stop();
}
