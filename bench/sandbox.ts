/** The sandbox's ledger is the one witness of what was sent, for both sides alike. */
export function sandboxControls(url: string) {
  const call = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`The sandbox answered ${response.status} to ${method} ${path}`);
    return response;
  };
  return {
    /** An empty ledger, and for the bare client, which no webhook can reach, no statuses. */
    async prepare({ statuses }: { statuses: boolean }): Promise<void> {
      await call('DELETE', '/state');
      if (!statuses) await call('POST', '/faults', { kind: 'no_status' });
    },
    /** Whether statuses are told of what is sent from now on; all else stays as it is. */
    async tellStatuses(told: boolean): Promise<void> {
      await (told ? call('DELETE', '/faults') : call('POST', '/faults', { kind: 'no_status' }));
    },
    /** When each phone's first message was taken in, in milliseconds of the epoch, and how many there were. */
    async arrivals(): Promise<Map<string, { at: number; messages: number }>> {
      const { data } = (await (await call('GET', '/ledger')).json()) as { data: { to: string; at: string }[] };
      const byPhone = new Map<string, { at: number; messages: number }>();
      for (const { to, at } of data) {
        const first = byPhone.get(to);
        if (first) first.messages += 1;
        else byPhone.set(to, { at: Date.parse(at), messages: 1 });
      }
      return byPhone;
    },
  };
}
