type Words = { stop: readonly string[]; start: readonly string[]; stopped: string; started: string };

/**
 * By language, what a person writes to hear nothing more, or to hear again, and what is answered. Only what cannot be
 * meant as an answer to something else is here: "cancel" may be said of an order, "no" and "yes" of anything.
 */
const words = {
  en: {
    stop: ['stop', 'stop all', 'stopall', 'unsubscribe', 'opt out', 'optout', 'stop promotions'],
    start: ['start', 'unstop', 'subscribe', 'opt in', 'optin'],
    stopped: 'You will not get any more messages from us. Write START to get them again.',
    started: 'You will get our messages again. Write STOP to end them.',
  },
  es: {
    stop: ['baja', 'alto', 'darme de baja', 'dar de baja', 'cancelar suscripción', 'parar'],
    start: ['alta', 'suscribir', 'suscribirme', 'darme de alta'],
    stopped: 'No recibirás más mensajes nuestros. Escribe ALTA para volver a recibirlos.',
    started: 'Volverás a recibir nuestros mensajes. Escribe BAJA para dejar de recibirlos.',
  },
  fr: {
    stop: ['arrêt', 'arrêter', 'désabonner', 'me désabonner', 'désinscrire', 'désinscription'],
    start: ['abonner', "m'abonner", "s'abonner", 'réabonner'],
    stopped: 'Vous ne recevrez plus de messages de notre part. Écrivez START pour les recevoir à nouveau.',
    started: 'Vous recevrez à nouveau nos messages. Écrivez STOP pour ne plus les recevoir.',
  },
  de: {
    stop: ['stopp', 'abmelden', 'abbestellen', 'austragen'],
    start: ['anmelden', 'abonnieren'],
    stopped: 'Du erhältst keine Nachrichten mehr von uns. Schreib START, um sie wieder zu erhalten.',
    started: 'Du erhältst unsere Nachrichten wieder. Schreib STOP, um sie zu beenden.',
  },
  pt: {
    stop: ['sair', 'pare', 'parar', 'descadastrar', 'cancelar inscrição'],
    start: ['inscrever', 'inscrever me', 'cadastrar', 'quero receber'],
    stopped: 'Você não receberá mais mensagens nossas. Escreva START para recebê-las novamente.',
    started: 'Você voltará a receber nossas mensagens. Escreva SAIR para deixar de recebê-las.',
  },
  it: {
    stop: ['basta', 'disiscrivi', 'disiscrivimi', 'cancellami'],
    start: ['iscrivi', 'iscrivimi'],
    stopped: 'Non riceverai più nostri messaggi. Scrivi START per riceverli di nuovo.',
    started: 'Riceverai di nuovo i nostri messaggi. Scrivi STOP per non riceverli più.',
  },
  nl: {
    stop: ['afmelden', 'uitschrijven', 'stoppen'],
    start: ['aanmelden', 'inschrijven'],
    stopped: 'Je krijgt geen berichten meer van ons. Schrijf START om ze weer te krijgen.',
    started: 'Je krijgt onze berichten weer. Schrijf STOP om ze te beëindigen.',
  },
  ar: {
    stop: ['توقف', 'إيقاف', 'ايقاف', 'قف', 'إلغاء الاشتراك', 'الغاء الاشتراك'],
    start: ['ابدأ', 'ابدا', 'اشترك', 'اشتراك'],
    stopped: 'لن تصلك رسائل منا بعد الآن. اكتب «ابدأ» لتلقيها من جديد.',
    started: 'ستصلك رسائلنا من جديد. اكتب «توقف» لإيقافها.',
  },
  hi: {
    stop: ['रोकें', 'रोको', 'बंद करें', 'बंद करो', 'बंद'],
    start: ['शुरू', 'शुरू करें', 'चालू करें'],
    stopped: 'अब आपको हमारे संदेश नहीं मिलेंगे। फिर से पाने के लिए START लिखें।',
    started: 'आपको हमारे संदेश फिर से मिलेंगे। बंद करने के लिए STOP लिखें।',
  },
  tr: {
    stop: ['dur', 'durdur', 'iptal abonelik', 'abonelikten çık', 'ret'],
    start: ['başla', 'başlat', 'abone ol'],
    stopped: 'Artık bizden mesaj almayacaksınız. Yeniden almak için START yazın.',
    started: 'Mesajlarımızı yeniden alacaksınız. Durdurmak için STOP yazın.',
  },
  pl: {
    stop: ['wypisz', 'wypisz mnie', 'rezygnuję', 'zatrzymaj'],
    start: ['zapisz', 'zapisz mnie', 'wznów'],
    stopped: 'Nie otrzymasz od nas więcej wiadomości. Napisz START, aby znów je otrzymywać.',
    started: 'Znów będziesz otrzymywać nasze wiadomości. Napisz STOP, aby je zakończyć.',
  },
  id: {
    stop: ['berhenti', 'hentikan', 'batal langganan', 'berhenti berlangganan'],
    start: ['mulai', 'langganan', 'berlangganan'],
    stopped: 'Anda tidak akan menerima pesan dari kami lagi. Tulis START untuk menerimanya kembali.',
    started: 'Anda akan menerima pesan kami lagi. Tulis STOP untuk menghentikannya.',
  },
} as const satisfies Record<string, Words>;

export type Language = keyof typeof words;
export type Wish = { wants: 'stop' | 'start'; language: Language };

const wishes = new Map<string, Wish>();
for (const [language, { stop, start }] of Object.entries(words) as [Language, Words][]) {
  for (const [wants, list] of [['stop', stop] as const, ['start', start] as const]) {
    // A word that two languages share counts for the first one.
    for (const word of list) if (!wishes.has(bare(word))) wishes.set(bare(word), { wants, language });
  }
}

type Said = { type: string; text?: string | null | undefined; buttonPayload?: string | null | undefined };

/**
 * What a message wishes, if its whole text is one of the words: "don't stop" is no opt-out. A no may be tapped, and
 * then what stands behind the button counts as well; a yes has to be typed, since a button named "Start" may begin
 * anything.
 */
export function wishOf({ type, text, buttonPayload }: Said): Wish | undefined {
  if (type === 'text') return wishIn(text);
  if (type !== 'button' && type !== 'interactive') return undefined;
  return [wishIn(text), wishIn(buttonPayload)].find((wish) => wish?.wants === 'stop');
}

const wishIn = (text: string | null | undefined): Wish | undefined =>
  text && text.length <= 64 ? wishes.get(bare(text)) : undefined;

/** Without case, the accents that are left out in haste, punctuation, symbols and the blanks around. */
export function bare(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{Script=Latin}\p{Mn}+/gu, (letter) => letter.charAt(0))
    .normalize('NFC')
    .replaceAll(/[\p{P}\p{S}\p{Cf}]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

/** What is answered: in the contact's own language if we have it, else in that of the word. */
export function answerTo({ wants, language }: Wish, locale: string | null | undefined): string {
  const own = locale?.split(/[-_]/)[0]?.toLowerCase() ?? '';
  const { stopped, started } = words[Object.hasOwn(words, own) ? (own as Language) : language];
  return wants === 'stop' ? stopped : started;
}
