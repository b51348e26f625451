/** What `.data/dev.json` holds: the contract with tools. */
export interface DevFile {
  api_url: string;
  temporal_address: string;
  temporal_ui_url: string | null;
  sandbox_url: string | null;
  /** Where its mail server listens; what arrives there is shown at `/mailboxes`. */
  sandbox_smtp_url: string | null;
  database_url: string;
  admin: { email: string; password: string };
  demo_tenant: { id: number; slug: string; api_key: string };
}

/** The addresses, and a first one-time passcode from log-in to "verified" that can be pasted as it is. */
export function welcome(dev: DevFile, seconds: string): string {
  const addresses: [string, string | null][] = [
    ['API', `${dev.api_url}/api/v1`],
    ['API docs', `${dev.api_url}/docs`],
    ['Temporal', dev.temporal_address],
    ['Temporal UI', dev.temporal_ui_url],
    ['Sandbox', dev.sandbox_url],
    ['Mailboxes', dev.sandbox_url && dev.sandbox_smtp_url && `${dev.sandbox_url}/mailboxes`],
    ['Admin', `${dev.admin.email} / ${dev.admin.password}`],
    ['Demo tenant', `${dev.demo_tenant.slug} (id ${dev.demo_tenant.id})`],
  ];
  const lines = addresses
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `  ${bold(name.padEnd(12))}${value}`);
  return [
    '',
    `${bold('Carillon is ready')} after ${seconds} s. Everything above, with the keys, is in .data/dev.json; Ctrl-C stops it.`,
    '',
    ...lines,
    '',
    bold('  A one-time passcode in five calls'),
    '',
    ...fiveCalls(dev),
    '',
  ].join('\n');
}

/** The first tenant that a person makes has the id 1; made again, the call answers 409 and the rest still holds. */
function fiveCalls({ api_url, sandbox_url, admin }: DevFile): string[] {
  const phone = '+1234567890';
  const post = (path: string) => `curl -s -X POST ${api_url}/api/v1${path} -H "Content-Type: application/json"`;
  const user = `-H "Authorization: Bearer $TOKEN"`;
  const key = `-H "X-Tenant-ID: 1" -H "X-API-Key: $KEY"`;
  const body = (value: object) => `-d '${JSON.stringify(value)}'`;
  const take = (field: string) => `sed 's/.*"${field}":"\\([^"]*\\)".*/\\1/'`;
  const tenant = {
    name: 'My First Customer',
    slug: 'customer-1',
    domain: 'customer1.whatsappagent.com',
    plan: 'starter',
  };
  const apiKey = { name: 'Main API Key', permissions: ['read', 'write'], rate_limit: 1000 };
  const otp = { phone_number: phone, purpose: 'signup' };
  return [
    `  TOKEN=$(${post('/auth/login')} \\`,
    `    ${body(admin)} | ${take('access_token')})`,
    `  ${post('/tenants/')} ${user} \\`,
    `    ${body(tenant)}`,
    `  KEY=$(${post('/tenants/1/api-keys')} ${user} \\`,
    `    ${body(apiKey)} | ${take('key')})`,
    `  ${post('/otp/send')} ${key} \\`,
    `    ${body(otp)}`,
    ...(sandbox_url ? [`  # The code is on the phone: ${sandbox_url}/phones/${encodeURIComponent(phone)}`] : []),
    `  ${post('/otp/verify')} ${key} \\`,
    `    ${body({ ...otp, code: 'THE CODE' })}`,
  ];
}

function bold(text: string): string {
  return process.stdout.isTTY ? `\x1b[1m${text}\x1b[22m` : text;
}
