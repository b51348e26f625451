/** Calls that Temporal's frontend has taken for a namespace so far, by operation, as it counts them itself. */
export async function temporalCalls(metricsUrl: string, namespace = 'default'): Promise<Record<string, number>> {
  const response = await fetch(metricsUrl);
  if (!response.ok) throw new Error(`Temporal's metrics answered ${response.status}`);
  const counts: Record<string, number> = {};
  for (const line of (await response.text()).split('\n')) {
    const [, labels = '', value] = /^service_requests(?:_total)?\{(.*)\} ([\d.e+]+)$/.exec(line) ?? [];
    const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
    const operation = label('operation');
    if (!operation || label('service_name') !== 'frontend' || label('namespace') !== namespace) continue;
    counts[operation] = (counts[operation] ?? 0) + Number(value);
  }
  return counts;
}
