import { join } from 'node:path';
import type { Behaviour } from './behaviour.ts';
import { openJournal } from './journal.ts';
import type { Limits } from './limits.ts';
import type { WindowOverride } from './windows.ts';

export type PhoneBehaviour = { reads: boolean; blocked: boolean; on_whatsapp: boolean };
type Marketing = { phone_number_id: string; e164: string; stopped: boolean };

/** What was set through the API and must survive a restart; the last record of a key wins. */
type Setting =
  | ({ kind: 'phone'; e164: string } & PhoneBehaviour)
  | ({ kind: 'marketing' } & Marketing)
  | ({ kind: 'window' } & WindowOverride)
  | { kind: 'limits'; phone_number_id: string; limits: Partial<Limits> }
  | { kind: 'behaviour'; behaviour: Behaviour }
  | { kind: 'phones_cleared' }
  | { kind: 'callback'; waba_id: string; url: string | null };

export type Settings = Awaited<ReturnType<typeof openSettings>>;

export async function openSettings(folder: string) {
  const journal = await openJournal<Setting>(join(folder, 'settings.jsonl'), { durable: true });
  const phones = new Map<string, PhoneBehaviour>();
  const stopped = new Map<string, boolean>();
  const windows = new Map<string, WindowOverride>();
  const limits = new Map<string, Partial<Limits>>();
  const callbacks = new Map<string, string>();
  let behaviour: Behaviour = {};

  const pair = (number: string, e164: string) => `${number}/${e164}`;
  const remember = (setting: Setting) => {
    switch (setting.kind) {
      case 'phone':
        phones.set(setting.e164, { reads: setting.reads, blocked: setting.blocked, on_whatsapp: setting.on_whatsapp });
        break;
      case 'marketing':
        stopped.set(pair(setting.phone_number_id, setting.e164), setting.stopped);
        break;
      case 'window':
        windows.set(pair(setting.phone_number_id, setting.e164), setting);
        break;
      case 'limits':
        limits.set(setting.phone_number_id, setting.limits);
        break;
      case 'behaviour':
        behaviour = setting.behaviour;
        break;
      case 'callback':
        if (setting.url === null) callbacks.delete(setting.waba_id);
        else callbacks.set(setting.waba_id, setting.url);
        break;
      case 'phones_cleared':
        for (const map of [phones, stopped, windows, limits]) map.clear();
        behaviour = {};
    }
  };
  journal.records.forEach(remember);
  const save = async (setting: Setting) => {
    await journal.append([setting]);
    remember(setting);
  };

  return {
    phones: () => [...phones.keys()],
    phone: (e164: string): PhoneBehaviour => phones.get(e164) ?? { reads: true, blocked: false, on_whatsapp: true },
    setPhone: (e164: string, phone: PhoneBehaviour) => save({ kind: 'phone', e164, ...phone }),
    marketingStopped: (number: string, e164: string) => stopped.get(pair(number, e164)) ?? false,
    setMarketing: (marketing: Marketing) => save({ kind: 'marketing', ...marketing }),
    windows: () => [...windows.values()],
    setWindow: (window: WindowOverride) => save({ kind: 'window', ...window }),
    limits: (number: string): Partial<Limits> => limits.get(number) ?? {},
    setLimits: (number: string, changed: Partial<Limits>) =>
      save({ kind: 'limits', phone_number_id: number, limits: { ...limits.get(number), ...changed } }),
    behaviour: () => behaviour,
    setBehaviour: (next: Behaviour) => save({ kind: 'behaviour', behaviour: next }),
    callback: (wabaId: string) => callbacks.get(wabaId),
    setCallback: (wabaId: string, url: string | null) => save({ kind: 'callback', waba_id: wabaId, url }),
    /** Callbacks stay: a channel registers its own only once. */
    clear: () => save({ kind: 'phones_cleared' }),
    close: () => journal.close(),
  };
}
