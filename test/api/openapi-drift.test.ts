import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { differences } from '../../scripts/openapi/differences.ts';
import type { Json } from '../harness/client.ts';

const root = join(import.meta.dirname, '../..');

test('openapi.json and the types of the client are what the code says', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/openapi.ts', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect([stdout, stderr, status]).toEqual(['', '', 0]);
});

const published: Json = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8'));
const changed = (change: (document: Json) => void): string[] => {
  const document = structuredClone(published);
  change(document);
  return differences(published, document).map(
    ({ breaking, where, what }) => `${breaking ? 'BREAKING' : 'fine'}: ${where} ${what}`,
  );
};
const send = (document: Json): Json => document.paths['/api/v1/otp/send'].post;
const sendBody = (document: Json): Json => send(document).requestBody.content['application/json'].schema;
const orNull = (schema: Json): Json => ({ anyOf: [schema, { type: 'null' }] });
const otp = (document: Json): Json => document.components.schemas.Otp;

test('what takes something from a client, or asks more of it, is told to be breaking', () => {
  const broken = [
    changed((document) => delete document.paths['/api/v1/otp/send']),
    changed((document) => (send(document).operationId = 'send')),
    changed((document) => send(document).security.shift()),
    changed((document) => delete sendBody(document).properties.locale),
    changed((document) => sendBody(document).required.push('locale')),
    changed((document) => {
      sendBody(document).properties.channel = { type: 'string' };
      sendBody(document).required.push('channel');
    }),
    changed((document) => (sendBody(document).properties.purpose.pattern = '^x$')),
    changed((document) => (sendBody(document).properties.purpose.maxLength = 3)),
    changed((document) => send(document).parameters.push({ in: 'query', name: 'via', required: true, schema: {} })),
    changed((document) => delete otp(document).properties.expires_at),
    changed(
      (document) => (otp(document).required = otp(document).required.filter((name: string) => name !== 'status')),
    ),
    changed((document) => (otp(document).properties.attempts_remaining.type = 'string')),
    changed((document) => otp(document).properties.status.enum.pop()),
    changed((document) => (otp(document).properties.status.type = ['string', 'null'])),
    changed((document) => (otp(document).properties.purpose = orNull(otp(document).properties.purpose))),
  ];
  for (const [i, found] of broken.entries()) {
    expect([i, found]).toEqual([i, expect.arrayContaining([expect.stringMatching(/^BREAKING: /)])]);
  }
});

test('what only adds, widens or explains is told not to be breaking', () => {
  const fine = [
    changed((document) => (document.paths['/api/v1/more'] = { get: send(document) })),
    changed((document) => (sendBody(document).properties.channel = { type: 'string' })),
    changed((document) => sendBody(document).required.pop()),
    changed((document) => (otp(document).properties.sent_at = { type: 'string' })),
    changed((document) => otp(document).properties.status.enum.push('lost')),
    changed((document) => send(document).security.push({ other: [] })),
    changed((document) => (send(document).summary = 'Send it')),
    changed((document) => (sendBody(document).properties.locale = orNull(sendBody(document).properties.locale))),
    changed((document) => send(document).parameters.push({ in: 'query', name: 'via', schema: {} })),
  ];
  for (const [i, found] of fine.entries()) {
    expect([i, found]).toEqual([i, expect.arrayContaining([expect.stringMatching(/^fine: /)])]);
    expect(found.filter((one) => one.startsWith('BREAKING'))).toEqual([]);
  }
});

test('a document does not differ from itself', () => {
  expect(changed(() => undefined)).toEqual([]);
});
