import type { Json } from '../harness/client.ts';
import { checkPublished } from '../harness/published.ts';
import type { TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

const csv = { 'content-type': 'text/csv' };

/** What a tenant does with a file of contacts. */
export const importer = ({ apiUrl }: { apiUrl: string }, tenant: TestTenant) => {
  const post = async (file: string | Buffer, query = '', headers: Record<string, string> = csv) => {
    const response = await fetch(`${apiUrl}/api/v1/contacts/import${query}`, {
      method: 'POST',
      headers: { ...headers, 'x-api-key': tenant.key },
      body: Buffer.from(file),
    });
    const text = await response.text();
    const { status, headers: received } = response;
    checkPublished('POST', '/api/v1/contacts/import', { status, headers: received, text });
    return { status, text, body: JSON.parse(text) };
  };
  const show = async (id: string): Promise<Json> => (await tenant.call('GET', `/api/v1/contacts/imports/${id}`)).body;
  const ended = (id: string): Promise<Json> =>
    until(
      () => show(id),
      ({ status }) => status !== 'running',
      { withinMs: 40_000 },
    );
  return {
    post,
    show,
    ended,
    /** Takes a file in to the end. */
    async run(file: string | Buffer, query = ''): Promise<Json> {
      const answer = await post(file, query);
      if (answer.status !== 202) throw new Error(answer.text);
      return ended(answer.body.id);
    },
    async rejections(id: string): Promise<Json[]> {
      return (await tenant.call('GET', `/api/v1/contacts/imports/${id}/rejections?limit=100`)).body.data;
    },
    async byPhone(phone: string): Promise<Json> {
      const query = `phone_number=${encodeURIComponent(phone)}`;
      return (await tenant.call('GET', `/api/v1/contacts?${query}`)).body.data[0];
    },
  };
};

/** A phone of a test's own: the same number is the same phone. */
export const nthPhone = (n: number, prefix = '+49151'): string => `${prefix}${String(10_000_000 + n)}`;
