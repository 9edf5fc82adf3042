// Live updates. One tab of the browser holds the stream of changes and tells the others; a page that
// shows what changed fetches itself again and swaps its regions.
//   <section id="timeline" data-live="TICKET-ID">   changes that name this id (several, by spaces)
//   <section id="queue" data-live>                  every change
// A region in which somebody types is left alone and a quiet button offers the new state; focus, open
// folds and the scrolling place stay.
import { el, hint, meta, unhint } from './dom.js';
import { say } from './say.js';
import { hasTyped } from './forms.js';

const topic = 'fettle-changes';
const pause = 800;
let waiting = new Set();
let timer;
let isFetching = false;
// Each region's markup as it came, before clocks and drafts changed anything in it.
const asServed = new WeakMap();

export function start() {
  if (!meta('form-token') || !document.querySelector('[data-live]')) return;
  for (const region of document.querySelectorAll('[data-live]')) asServed.set(region, region.innerHTML);
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(topic) : null;
  channel?.addEventListener('message', (event) => heard(event.data));
  const tell = (change) => {
    channel?.postMessage(change);
    heard(change);
  };
  // The lock is held as long as this tab lives; the next one in line takes over. It exists only where
  // the address is trusted (https, localhost): elsewhere each tab has its own stream.
  if (channel && navigator.locks) {
    navigator.locks.request(topic, () => new Promise(() => listen(tell))).catch(() => {});
  } else {
    listen(heard);
  }
  document.addEventListener('visibilitychange', () => { if (!document.hidden && waiting.size) plan(); });
}

function listen(tell) {
  let wasLost = false;
  let wait = 5000;
  const connect = () => {
    const stream = new EventSource('/api/v1/events');
    stream.addEventListener('open', () => {
      wait = 5000;
      // What happened while the line was dead is not repeated: look at everything once.
      if (wasLost) tell({ all: true });
      wasLost = false;
    });
    stream.addEventListener('change', (event) => {
      try { tell(JSON.parse(event.data)); } catch { /* not ours */ }
    });
    stream.addEventListener('error', () => {
      wasLost = true;
      // Closed for good (signed out, server away): try again, more and more patiently.
      if (stream.readyState === EventSource.CLOSED) {
        setTimeout(connect, wait);
        wait = Math.min(wait * 2, 300_000);
      }
    });
    addEventListener('pagehide', () => stream.close(), { once: true });
  };
  connect();
}

// MARK: A change

function heard(change) {
  const named = new Set(values(change));
  for (const region of document.querySelectorAll('[data-live][id]')) {
    const wanted = region.dataset.live.split(/\s+/).filter(Boolean);
    if (change.all || wanted.length === 0 || wanted.some((w) => named.has(w))) waiting.add(region.id);
  }
  if (waiting.size && !document.hidden) plan();
}

const values = (v) => (v !== null && typeof v === 'object' ? Object.values(v).flatMap(values) : [String(v)]);

// Several changes of one moment are one look.
function plan() {
  clearTimeout(timer);
  timer = setTimeout(refresh, pause);
}

async function refresh() {
  if (isFetching) return plan();
  const ids = waiting;
  waiting = new Set();
  isFetching = true;
  try {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!response.ok || response.redirected) return;
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    let isSwapped = false;
    let isHeld = false;
    for (const id of ids) {
      const old = document.getElementById(id);
      const next = fresh.getElementById(id);
      if (!old || !next || asServed.get(old) === next.innerHTML) continue;
      if (isBusy(old)) isHeld = true;
      else {
        swap(old, next);
        isSwapped = true;
      }
    }
    count(fresh);
    if (isSwapped) document.dispatchEvent(new Event('fettle:swap'));
    if (isHeld) offer();
    else if (isSwapped) hint(say('live.updated'));
  } catch {
    // Offline for a moment: the stream tells when it is back.
  } finally {
    isFetching = false;
  }
}

// The numbers beside the bell and the navigation, as the server counts them now.
function count(fresh) {
  for (const link of document.querySelectorAll('.topbar .bell, .nav a[href]')) {
    const next = fresh.querySelector(link.matches('.bell') ? '.topbar .bell' : `.nav a[href="${CSS.escape(link.getAttribute('href'))}"]`);
    if (!next || next.textContent === link.textContent) continue;
    link.replaceChildren(...[...next.childNodes].map((n) => document.importNode(n, true)));
    if (next.hasAttribute('aria-label')) link.setAttribute('aria-label', next.getAttribute('aria-label'));
  }
}

function isBusy(region) {
  const active = document.activeElement;
  if (region.contains(active) && active.matches('input, textarea, select')) return true;
  if (region.querySelector('dialog[open]')) return true;
  const forms = [...region.querySelectorAll('form[method=post]')];
  const around = region.closest('form[method=post]');
  if (around) forms.push(around);
  return forms.some((form) => hasTyped(form) || form.querySelector('[data-kept]'));
}

function swap(old, next) {
  const held = place(old, document.activeElement);
  const open = [...old.querySelectorAll('details')].map((d) => d.open);
  asServed.set(old, next.innerHTML);
  old.replaceChildren(...[...next.childNodes].map((n) => document.importNode(n, true)));
  for (const { name, value } of next.attributes) old.setAttribute(name, value);
  const folds = old.querySelectorAll('details');
  if (folds.length === open.length) folds.forEach((d, i) => { d.open = open[i]; });
  if (held) found(old, held)?.focus({ preventScroll: true });
}

const focusable = 'a[href], button, summary, [tabindex]';

// Where the focus stands inside a region, in words that survive the swap.
function place(region, active) {
  if (!region.contains(active) || active === region) return null;
  return {
    id: active.id, href: active.getAttribute('href'),
    index: [...region.querySelectorAll(focusable)].indexOf(active),
  };
}

function found(region, { id, href, index }) {
  return (id && document.getElementById(id))
    || (href && region.querySelector(`a[href="${CSS.escape(href)}"]`))
    || region.querySelectorAll(focusable)[index];
}

function offer() {
  hint(say('live.waiting'), el('button', {
    type: 'button',
    onclick: () => {
      unhint();
      location.reload();
    },
  }, say('live.show')));
}
