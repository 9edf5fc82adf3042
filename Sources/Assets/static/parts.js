// Finding a part while one types. Without this module the search button asks for the page again.
const found = document.querySelector('#part-found');
const finder = document.querySelector('[data-part-find]');
const known = document.querySelector('#parts-known');
const pause = 200;

// Calls back with what was typed once it rests; what came before it is given up.
function whenTyped(field, ask) {
  let timer;
  let last;
  field.addEventListener('input', () => {
    clearTimeout(timer);
    last?.abort();
    timer = setTimeout(() => {
      last = new AbortController();
      ask(field.value.trim(), last.signal).catch(() => {});
    }, pause);
  });
}

async function page(address, signal) {
  const reply = await fetch(address, { signal });
  if (!reply.ok) throw new Error(address);
  return new DOMParser().parseFromString(await reply.text(), 'text/html');
}

if (finder && found) {
  whenTyped(finder, async (text, signal) => {
    const address = new URL(finder.form.action);
    address.hash = '';
    address.search = new URLSearchParams({ do: 'parts', find: text });
    const answer = (await page(address, signal)).querySelector('#part-found');
    if (answer) found.replaceChildren(...answer.childNodes);
  });
  // One press takes part and place into the form.
  found.addEventListener('click', (event) => {
    const link = event.target.closest('[data-part]');
    const part = document.querySelector('#f-part_id');
    if (!link || !part) return;
    event.preventDefault();
    part.value = link.dataset.part;
    document.querySelector('#f-place_id').value = link.dataset.place;
    const next = document.querySelector('[data-scan-next]');
    next.focus();
    next.select();
  });
}

if (known) {
  for (const field of document.querySelectorAll('[list="parts-known"]')) {
    whenTyped(field, async (text, signal) => {
      if (text.length < 2) return;
      const rows = (await page(`/stock/parts?${new URLSearchParams({ q: text })}`, signal)).querySelectorAll('tr[data-part]');
      known.replaceChildren(...[...rows].map((row) => new Option(`${row.dataset.name} · ${row.dataset.available}`, row.dataset.part)));
    });
  }
}
