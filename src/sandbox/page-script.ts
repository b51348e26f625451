/** A fixed text, so that the page's policy can allow it by its hash and nothing else. */
export const pageScript = `
const byId = (id) => document.getElementById(id);
const problem = (text) => { byId('problem').textContent = text; };
const main = document.querySelector('main');
const atEnd = () => main.scrollHeight - main.scrollTop - main.clientHeight < 80;
const toEnd = () => { main.scrollTop = main.scrollHeight; };

// Only what changed is replaced: an open list stays open, and a screen reader hears just the news.
const patch = (id, next) => {
  const old = byId(id), fresh = next.getElementById(id);
  if (!old || !fresh) return;
  for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
  const there = [...old.children], wanted = [...fresh.children];
  wanted.forEach((child, i) => {
    if (!there[i]) old.append(child);
    else if (there[i].innerHTML !== child.innerHTML || there[i].className !== child.className) {
      if (there[i].querySelector('details[open]')) child.querySelector('details')?.setAttribute('open', '');
      there[i].replaceWith(child);
    }
  });
  there.slice(wanted.length).forEach((child) => child.remove());
};
// The conversation that is open stays, also when another business writes meanwhile.
const here = () => {
  const url = new URL(location.href);
  const number = byId('live').dataset.number;
  if (number) url.searchParams.set('number', number);
  return url;
};
const refresh = async () => {
  const answer = await fetch(here(), { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (!answer || !answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const follow = atEnd();
  patch('numbers', next);
  patch('live', next);
  if (follow) toEnd();
};
const call = async (method, path, body) => {
  const answer = await fetch(location.pathname + path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).catch(() => undefined);
  if (answer && answer.ok) problem('');
  else problem(answer ? (await answer.json()).error.message : 'The sandbox does not answer.');
  return Boolean(answer && answer.ok);
};
const say = async (body) => {
  const channel = byId('live').dataset.channel;
  const ok = await call('POST', '/messages', channel ? { ...body, channel_id: channel } : body);
  if (ok) { await refresh(); toEnd(); }
  return ok;
};

document.addEventListener('click', async ({ target }) => {
  const pressed = target.closest('[data-payload], [data-copy]');
  if (!pressed) return;
  if (pressed.dataset.payload !== undefined) return void say({ button_payload: pressed.dataset.payload });
  await navigator.clipboard.writeText(pressed.dataset.copy);
  problem('Copied.');
});
document.addEventListener('change', ({ target }) => {
  const name = target.dataset && target.dataset.behaviour;
  if (name) call('PUT', '', { [name]: target.checked });
});
document.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { text, phone } = event.target.elements;
  if (phone) return void (location.href = '/phones/' + encodeURIComponent(phone.value.trim()));
  const value = text.value;
  text.value = '';
  if (!(await say({ text: value }))) text.value = value;
});

toEnd();
let polling;
const poll = (on) => {
  if (on) polling ??= setInterval(refresh, 2000);
  else polling = void clearInterval(polling);
};
if (location.pathname === '/' || !window.EventSource) poll(true);
else {
  const events = new EventSource(location.pathname + '/events');
  events.addEventListener('open', () => { poll(false); refresh(); });
  events.addEventListener('change', refresh);
  events.addEventListener('error', () => poll(true));
}
`;
