import { join } from 'node:path';
import { openJournal } from './journal.ts';

export type PhoneBehaviour = { reads: boolean; blocked: boolean; on_whatsapp: boolean };

/** What was set through the API and must survive a restart; the last record of a key wins. */
type Setting =
  | ({ kind: 'phone'; e164: string } & PhoneBehaviour)
  | { kind: 'phones_cleared' }
  | { kind: 'callback'; waba_id: string; url: string | null };

export type Settings = Awaited<ReturnType<typeof openSettings>>;

export async function openSettings(folder: string) {
  const journal = await openJournal<Setting>(join(folder, 'settings.jsonl'), { durable: true });
  const phones = new Map<string, PhoneBehaviour>();
  const callbacks = new Map<string, string>();
  const remember = (setting: Setting) => {
    if (setting.kind === 'phone') {
      phones.set(setting.e164, { reads: setting.reads, blocked: setting.blocked, on_whatsapp: setting.on_whatsapp });
    } else if (setting.kind === 'phones_cleared') phones.clear();
    else if (setting.url === null) callbacks.delete(setting.waba_id);
    else callbacks.set(setting.waba_id, setting.url);
  };
  journal.records.forEach(remember);
  const save = async (setting: Setting) => {
    await journal.append([setting]);
    remember(setting);
  };

  return {
    phones: () => [...phones.keys()],
    behaviour: (e164: string): PhoneBehaviour => phones.get(e164) ?? { reads: true, blocked: false, on_whatsapp: true },
    setBehaviour: (e164: string, behaviour: PhoneBehaviour) => save({ kind: 'phone', e164, ...behaviour }),
    callback: (wabaId: string) => callbacks.get(wabaId),
    setCallback: (wabaId: string, url: string | null) => save({ kind: 'callback', waba_id: wabaId, url }),
    /** Callbacks stay: a channel registers its own only once. */
    clearPhones: () => save({ kind: 'phones_cleared' }),
    close: () => journal.close(),
  };
}
