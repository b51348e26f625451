import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWhatsApp } from '../../src/adapters/whatsapp/client.ts';
import type { MessageContent, SendOutcome, WebhookContent } from '../../src/adapters/whatsapp/types.ts';
import { verifySignature } from '../../src/adapters/whatsapp/verify.ts';
import { readWebhook } from '../../src/adapters/whatsapp/webhook.ts';
import { mintSandboxChannel, type SandboxChannel } from '../../src/sandbox/credentials.ts';
import type { Limits } from '../../src/sandbox/limits.ts';
import { startSandbox } from '../../src/sandbox/server.ts';

export const secret = 'a sandbox secret of more than thirty-two characters';
export const anyPhone = () => `+1650${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`;
export const anyChannel = () => mintSandboxChannel(secret, randomUUID());

export type Received = WebhookContent & { path: string; signed: boolean; raw: string };

/** The API's side: takes webhooks, checks their signatures, and lets a test wait for what it expects. */
export async function createReceiver(channels: SandboxChannel[]) {
  const received: Received[] = [];
  let watchers: Array<() => void> = [];
  let answer: (response: ServerResponse) => void = (response) => response.end();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://receiver');
    if (request.method === 'GET') return void response.end(url.searchParams.get('hub.challenge'));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const channel = channels.find(({ channelId }) => url.pathname.endsWith(channelId));
      const signed =
        channel !== undefined &&
        verifySignature(body, String(request.headers['x-hub-signature-256']), channel.appSecret);
      received.push({ path: url.pathname, signed, raw: body.toString(), ...readWebhook(JSON.parse(body.toString())) });
      answer(response);
      for (const watch of watchers) watch();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const statuses = () => received.flatMap((post) => post.statuses);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    statuses,
    statusesOf: (messageId: string) => statuses().filter((update) => update.messageId === messageId),
    answerWith: (how: (response: ServerResponse) => void) => {
      answer = how;
    },
    until: (condition: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const check = () => {
          if (!condition()) return;
          clearTimeout(impatient);
          watchers = watchers.filter((watch) => watch !== check);
          resolve();
        };
        const impatient = setTimeout(() => reject(new Error(`not received: ${JSON.stringify(statuses())}`)), 8000);
        watchers.push(check);
        check();
      }),
    close: () => void (server.closeAllConnections(), server.close()),
  };
}

/** A sandbox in this process with a receiver and the real adapter; everything is gone after `close`. */
export async function createHarness(
  options: {
    adminToken?: string;
    delays?: { sent: number; delivered: number; read: number };
    limits?: Limits;
  } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const channel = anyChannel();
  const receiver = await createReceiver([channel]);
  const sandbox = await startSandbox({
    host: '127.0.0.1',
    port: 0,
    folder,
    secret,
    callbackUrl: receiver.url,
    delays: options.delays ?? { sent: 5, delivered: 15, read: 40 },
    adminToken: options.adminToken,
    ...(options.limits && { limits: options.limits }),
  });
  const url = `http://127.0.0.1:${sandbox.port}`;
  const send = createSender(url, channel);
  const call = createCaller(url);
  return {
    url,
    folder,
    channel,
    receiver,
    send: send.send,
    call,
    /** As if the person had just written: free-form messages pass for a day. */
    openWindow: (phone: string, channelId = channel.channelId) =>
      call('PUT', `/phones/${phone}/window`, { open: true, channel_id: channelId }),
    /** Submits a template as the product does: Meta's own JSON. */
    submit: (template: object) =>
      call('POST', `/v25.0/${channel.wabaId}/message_templates`, template, {
        authorization: `Bearer ${channel.accessToken}`,
      }),
    async close() {
      await send.close();
      await sandbox.close();
      receiver.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Sends with the adapter that production uses. */
export function createSender(url: string, channel: SandboxChannel, timeoutMs = 1000) {
  const whatsapp = createWhatsApp({ timeoutMs });
  const target = {
    baseUrl: url,
    version: 'v25.0',
    phoneNumberId: channel.phoneNumberId,
    accessToken: channel.accessToken,
  };
  const content: MessageContent = {
    type: 'authentication',
    template: 'carillon_otp',
    language: 'en_US',
    code: '482913',
  };
  return {
    close: () => whatsapp.close(),
    async send(
      to: string,
      more: { content?: MessageContent; messageId?: string; replyTo?: string } = {},
    ): Promise<{ messageId: string; outcome: SendOutcome }> {
      const messageId = more.messageId ?? randomUUID();
      const { replyTo } = more;
      const message = { messageId, to, content: more.content ?? content, ...(replyTo !== undefined && { replyTo }) };
      return { messageId, outcome: await whatsapp.send(target, message, { deadline: performance.now() + 5000 }) };
    },
  };
}

export type Answer = { status: number; headers: Headers; text: string; json: Json };

/** What a test reads out of an answer; a wrong guess fails its expectation. */
// oxlint-disable-next-line typescript/no-explicit-any -- answers are read by tests only, each with its own shape
export type Json = any;

/** One call of the sandbox's own routes, or of Meta's. */
export const createCaller =
  (url: string) =>
  async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const payload = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...payload,
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };

/** The sandbox as its own process, the way `npm start` runs it. Rejects with its output when it does not listen. */
export async function spawnSandbox(env: Record<string, string>) {
  const main = fileURLToPath(new URL('../../src/sandbox/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { SANDBOX_PORT: '0', SANDBOX_SECRET: secret, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 0)),
  );
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk;
      const address = output.match(/listening on (\S+)/)?.[1];
      if (address) resolve(address);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exited.then(() => reject(new Error(output)));
  });
  return { url, exited, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}
