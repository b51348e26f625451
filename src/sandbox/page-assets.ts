/** Both are fixed texts, so that the page's policy can allow them by their hash and nothing else. */
export const pageStyle = `
:root { color-scheme: light dark; --wall: #efeae2; --bar: #008069; --in: #fff; --out: #d9fdd3; --ink: #111b21; --soft: #667781; --link: #027eb5 }
@media (prefers-color-scheme: dark) { :root { --wall: #0b141a; --bar: #202c33; --in: #202c33; --out: #005c4b; --ink: #e9edef; --soft: #8696a0; --link: #53bdeb } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 30rem; min-height: 100dvh; display: flex; flex-direction: column; background: var(--wall); color: var(--ink); font: 16px/1.4 system-ui, sans-serif }
header { position: sticky; top: 0; display: flex; gap: .75rem; align-items: baseline; padding: .8rem 1rem; background: var(--bar); color: #fff }
header a { color: inherit; text-decoration: none; font-size: 1.2rem }
h1 { margin: 0; font-size: 1.1rem; font-weight: 600 }
header p { margin: 0; opacity: .8; font-size: .85rem }
main { flex: 1; display: flex; flex-direction: column; gap: .5rem; padding: 1rem }
article { max-width: 85%; padding: .5rem .7rem; border-radius: .6rem; background: var(--in); box-shadow: 0 1px 1px #0003; align-self: flex-start }
article.out { background: var(--out); align-self: flex-end }
article p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
strong { font-size: 1.15em; letter-spacing: .04em }
time { display: block; text-align: right; font-size: .7rem; color: var(--soft) }
.button { display: block; width: 100%; margin-top: .4rem; padding: .45rem 0 0; border: 0; border-top: 1px solid #8884; background: none; color: var(--link); font: inherit; text-align: center; overflow-wrap: anywhere }
button.button { cursor: pointer }
.empty { margin: auto; color: var(--soft) }
.phones { margin: 0; padding: 0; list-style: none; display: grid; gap: .5rem }
.phones a { display: block; padding: .8rem 1rem; border-radius: .6rem; background: var(--in); color: inherit; text-decoration: none }
form { position: sticky; bottom: 0; display: flex; gap: .5rem; padding: .6rem 1rem; background: var(--wall) }
input { flex: 1; padding: .6rem 1rem; border: 0; border-radius: 1.5rem; background: var(--in); color: inherit; font: inherit }
form button { padding: 0 1.1rem; border: 0; border-radius: 1.5rem; background: #008069; color: #fff; font: inherit; cursor: pointer }
`;

export const pageScript = `
const refresh = async () => {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (!answer || !answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('live');
  const live = document.getElementById('live');
  if (!next || next.innerHTML === live.innerHTML) return;
  live.replaceWith(next);
  scrollTo(0, document.body.scrollHeight);
};
const answer = async (body) => {
  await fetch(location.pathname + '/messages', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  await refresh();
};
document.addEventListener('click', (event) => {
  const payload = event.target.dataset && event.target.dataset.payload;
  if (payload) answer({ button_payload: payload });
});
document.addEventListener('submit', (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  answer({ text: field.value });
  field.value = '';
});
scrollTo(0, document.body.scrollHeight);
setInterval(refresh, 1500);
`;
