/** Makes tenants through the API as a platform admin would, each with a key that no limit of an hour stops. */
export async function makeTenants(
  apiUrl: string,
  admin: { email: string; password: string },
  count: number,
): Promise<string[]> {
  const call = async <T>(path: string, body: object, token?: string): Promise<T> => {
    const response = await fetch(`${apiUrl}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };

  const { access_token: token } = await call<{ access_token: string }>('/auth/login', admin);
  const keys: string[] = [];
  for (let n = 1; n <= count; n += 1) {
    const name = `bench-${n}`;
    const { id } = await call<{ id: number }>('/tenants', { name, slug: name, plan: 'starter' }, token);
    const limits = { name, permissions: ['read', 'write'], rate_limit: 1_000_000 };
    keys.push((await call<{ key: string }>(`/tenants/${id}/api-keys`, limits, token)).key);
  }
  return keys;
}
