/** What `.data/dev.json` holds: the contract with tools. */
export interface DevFile {
  api_url: string;
  temporal_address: string;
  temporal_ui_url: string | null;
  sandbox_url: string | null;
  database_url: string;
  admin: { email: string; password: string };
  demo_tenant: { id: number; slug: string; api_key: string };
}

/** The addresses, and a first one-time password from log-in to "verified" that can be pasted as it is. */
export function welcome(dev: DevFile, seconds: string): string {
  const addresses: [string, string | null][] = [
    ['API', `${dev.api_url}/api/v1`],
    ['API docs', `${dev.api_url}/docs`],
    ['Temporal', dev.temporal_address],
    ['Temporal UI', dev.temporal_ui_url],
    ['Sandbox', dev.sandbox_url],
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
    bold('  A one-time password in five calls'),
    '',
    ...fiveCalls(dev),
    '',
  ].join('\n');
}

/** The first tenant that a person makes has the id 1; made again, the call answers 409 and the rest still holds. */
function fiveCalls({ api_url, sandbox_url, admin }: DevFile): string[] {
  const phone = '+4915112345678';
  const json = `-H 'Content-Type: application/json'`;
  const user = `-H "Authorization: Bearer $TOKEN" ${json}`;
  const otp = (body: object) => `-H "X-API-Key: $KEY" ${json} -d '${JSON.stringify(body)}'`;
  const take = (field: string) => `sed 's/.*"${field}":"\\([^"]*\\)".*/\\1/'`;
  return [
    `  API=${api_url}/api/v1`,
    `  TOKEN=$(curl -s $API/auth/login ${json} \\`,
    `    -d '${JSON.stringify(admin)}' | ${take('access_token')})`,
    `  curl -s $API/tenants ${user} -d '{"name":"Acme","slug":"acme","plan":"starter"}'`,
    `  KEY=$(curl -s $API/tenants/1/api-keys ${user} \\`,
    `    -d '{"name":"first","permissions":["read","write"]}' | ${take('key')})`,
    `  curl -s $API/otp/send ${otp({ phone_number: phone, purpose: 'login' })}`,
    ...(sandbox_url ? [`  # The code is on the phone: ${sandbox_url}/phones/${encodeURIComponent(phone)}`] : []),
    `  curl -s $API/otp/verify ${otp({ phone_number: phone, purpose: 'login', code: '123456' })}`,
  ];
}

function bold(text: string): string {
  return process.stdout.isTTY ? `\x1b[1m${text}\x1b[22m` : text;
}
