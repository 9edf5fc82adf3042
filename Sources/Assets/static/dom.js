// Building elements without markup strings, and asking the API.

// el('p', { class: 'muted', onclick: f }, 'text', child…): attributes that are null are left out.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

// An icon of icons.svg, drawn as on the page.
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', `${new URL('./icons.svg', import.meta.url).pathname}#i-${name}`);
  svg.append(use);
  return svg;
}

export const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? '';

// The API with the session's cookie: JSON in the page's language, or an error with its `status` and `problem`.
export async function api(path, { method = 'GET', body, signal } = {}) {
  const headers = { Accept: 'application/json', 'Accept-Language': document.documentElement.lang };
  if (method !== 'GET') headers['X-Form-Token'] = meta('form-token');
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const response = await fetch(`/api/v1${path}`, {
    method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(`${method} ${path}`), { status: response.status, problem });
  }
  return response.status === 204 ? null : response.json();
}

// Whether somebody is typing here: single keys are letters then, not commands.
export function isTyping(target) {
  return target instanceof Element
    && target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]') !== null;
}

// Whether Enter only ends an input method's composition (Safari says so by the old key code alone).
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

// A short sentence in the corner, read out by screen readers; `action` is an optional button.
let hintTimer;
export function hint(text, action) {
  let node = document.querySelector('.live-hint');
  if (!node) {
    node = el('p', { class: 'toast live-hint', role: 'status', hidden: true });
    document.body.append(node);
  }
  clearTimeout(hintTimer);
  node.replaceChildren(el('span', {}, text), ...(action ? [action] : []));
  node.hidden = false;
  if (!action) hintTimer = setTimeout(() => { node.hidden = true; }, 4000);
}

export function unhint() {
  const node = document.querySelector('.live-hint');
  if (node) node.hidden = true;
}
