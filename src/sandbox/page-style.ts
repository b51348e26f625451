/** A fixed text, so that the page's policy can allow it by its hash and nothing else. */
export const pageStyle = `
:root { color-scheme: light dark; --desk: #d9d4cc; --wall: #efeae2; --bar: #008069; --in: #fff; --out: #d9fdd3; --ink: #111b21; --soft: #5b6870; --link: #01669a; --line: #8884 }
@media (prefers-color-scheme: dark) { :root { --desk: #060b0e; --wall: #0b141a; --bar: #202c33; --in: #202c33; --out: #005c4b; --ink: #e9edef; --soft: #9aabb5; --link: #53bdeb } }
* { box-sizing: border-box }
body { margin: 0; background: var(--desk); color: var(--ink); font: 16px/1.4 system-ui, sans-serif }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.phone { margin: 0 auto; max-width: 34rem; height: 100dvh; display: flex; flex-direction: column; background: var(--wall) }
.phone > header { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; padding: .8rem 1rem; background: var(--bar); color: #fff }
.phone > header > a { color: inherit; text-decoration: none; font-size: 1.2rem; padding: 0 .3rem }
h1 { margin: 0; font-size: 1.1rem; font-weight: 600 }
.phone > header p { margin: 0; font-size: .85rem }
.phone > header details { margin-left: auto; font-size: .85rem }
.phone > header summary { cursor: pointer }
fieldset { margin: .5rem 0 0; padding: 0; border: 0; display: grid; gap: .4rem }
main { flex: 1; min-height: 0; overflow-y: auto; display: flex; flex-direction: column; padding: 1rem }
#live { flex: 1; display: flex; flex-direction: column; gap: .5rem }
article { max-width: 85%; min-width: 9rem; padding: .5rem .7rem; border-radius: .2rem .7rem .7rem; background: var(--in); box-shadow: 0 1px 1px #0003; align-self: flex-start }
article.out { background: var(--out); align-self: flex-end; border-radius: .7rem .2rem .7rem .7rem }
article p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
article h2 { margin: 0 0 .2rem; font-size: 1rem }
article strong { font-size: 1.1em; letter-spacing: .03em }
article .small { color: var(--soft); font-size: .85rem; margin-top: .2rem }
article footer { display: flex; gap: .5rem; justify-content: flex-end; margin-top: .1rem; font-size: .7rem; color: var(--soft) }
article footer span:first-child { overflow-wrap: anywhere }
.read { color: var(--link) }
blockquote { margin: 0 0 .3rem; padding: .2rem .5rem; border-left: 3px solid #00a884; border-radius: .2rem; background: #8882; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere }
.card { display: flex; gap: .6rem; align-items: center; margin-bottom: .4rem; padding: .6rem; border-radius: .4rem; background: #8882; color: inherit; text-decoration: none }
.card span:first-child { font-size: 1.6rem }
.card b { display: block; overflow-wrap: anywhere }
small { color: var(--soft); display: block; overflow-wrap: anywhere }
.button { display: block; width: calc(100% + 1.4rem); min-height: 2.6rem; margin: .4rem -.7rem 0; padding: .55rem .7rem; border: 0; border-top: 1px solid var(--line); background: none; color: var(--link); font: inherit; text-align: center; text-decoration: none; overflow-wrap: anywhere }
.button + .button { margin-top: 0 }
article > .button:last-child { margin-bottom: -.5rem }
button.button, summary.button { cursor: pointer }
button.button:hover, summary.button:hover, a.button:hover, .row:hover { background: #8882 }
.list summary { list-style: none }
.list:last-child:not([open]) { margin-bottom: -.5rem }
.list h3 { margin: .5rem 0 .2rem; color: var(--soft); font-size: .8rem }
.row { display: block; width: 100%; padding: .5rem; border: 0; border-radius: .4rem; background: none; color: inherit; font: inherit; text-align: left; cursor: pointer }
.day { align-self: center; margin: .3rem 0 }
.day span { padding: .2rem .7rem; border-radius: .5rem; background: var(--in); color: var(--soft); font-size: .75rem }
.empty { margin: auto; color: var(--soft) }
.phones { margin: 0; padding: 0; list-style: none; display: grid; gap: .5rem }
.phones a { display: grid; grid-template-columns: 1fr auto; gap: 0 .5rem; padding: .8rem 1rem; border-radius: .6rem; background: var(--in); color: inherit; text-decoration: none }
.phones b { grid-column: 1 / -1 }
.phones span { color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.phones time { color: var(--soft); font-size: .75rem; align-self: center }
nav { flex: none; display: flex; overflow-x: auto; background: var(--in) }
nav a { flex: none; max-width: 14rem; padding: .5rem 1rem; border-bottom: 3px solid transparent; color: inherit; text-decoration: none }
nav a[aria-current] { border-color: var(--link) }
nav small { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
form { display: flex; gap: .5rem; padding: .6rem 1rem; background: var(--wall) }
form input { flex: 1; min-width: 0; padding: .7rem 1rem; border: 1px solid var(--line); border-radius: 1.5rem; background: var(--in); color: inherit; font: inherit }
form button { padding: 0 1.1rem; border: 0; border-radius: 1.5rem; background: #008069; color: #fff; font: inherit; cursor: pointer }
#problem { margin: 0; padding: 0 1rem .6rem; color: var(--ink) }
#problem:empty { display: none }
@media (min-width: 60rem) {
  .phone:has(nav a) { max-width: 60rem; display: grid; grid-template: auto 1fr auto auto / 18rem 1fr }
  .phone:has(nav a) > header { grid-column: 1 / -1 }
  .phone:has(nav a) > nav { grid-row: 2 / -1; flex-direction: column; overflow: hidden auto; border-right: 1px solid var(--line) }
  .phone:has(nav a) > nav a { max-width: none; border-bottom: 1px solid var(--line) }
  .phone:has(nav a) > nav a[aria-current] { background: #8882 }
}
`;
