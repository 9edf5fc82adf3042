// Live clocks. The server says how much counted time is left; the browser only takes off what has passed
// since, so that a wrong clock on the device can't lie. Attributes of a clock's element:
//   data-remaining    counted seconds left when the page was made, negative when late
//   data-due          the deadline (RFC 3339); used where data-remaining is missing
//   data-target       counted seconds in all; under a third left turns amber
//   data-paused       the clock stands still
//   data-counts-in    seconds until working hours begin; 0 or missing: it counts now
//   data-counts-for   seconds of this working stretch; missing: to the end
// The text becomes "11 h 21 min left" or "5 h 40 min late"; .sla around it takes the colour, and the bar
// beside it (svg.clock-mini) grows.
import { say } from './say.js';

const firstSeen = new WeakMap();

export function start() {
  tick();
  // On the full minute of the page, not of the device: all clocks of a page change together.
  setInterval(tick, 60_000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) tick(); });
  addEventListener('pageshow', tick);
  document.addEventListener('fettle:swap', tick);
}

function tick() {
  const now = Date.now();
  for (const node of document.querySelectorAll('[data-remaining], [data-due]')) {
    if (!firstSeen.has(node)) firstSeen.set(node, now);
    show(node, (now - firstSeen.get(node)) / 1000, now);
  }
}

function show(node, passed, now) {
  const { remaining, due, target, paused, countsIn, countsFor } = node.dataset;
  let left;
  if (remaining !== undefined && remaining !== '') {
    const counted = paused !== undefined ? 0
      : Math.min(Math.max(0, passed - Number(countsIn ?? 0)), Number(countsFor ?? Infinity));
    left = Number(remaining) - counted;
  } else {
    left = (Date.parse(due) - now) / 1000;
  }
  if (!Number.isFinite(left)) return;
  const isLate = left < 0;
  const isClose = !isLate && Number(target) > 0 && left < Number(target) / 3;
  const text = say(isLate ? 'clock.over' : 'clock.left', { span: span(left) });
  if (node.textContent !== text) node.textContent = text;
  const box = node.closest('.sla');
  if (box) {
    box.classList.toggle('sla-over', isLate);
    box.classList.toggle('sla-warn', isClose);
    grow(box.querySelector('svg.clock-mini'), left, Number(target), isClose);
  } else {
    node.classList.toggle('bad', isLate);
    node.classList.toggle('warn', isClose);
  }
}

// The mini bar: a track and the share that is used. Past the deadline its drawing changes shape, which
// the server does with the next page.
function grow(bar, left, target, isClose) {
  const used = bar?.querySelector('.k-counted, .k-warn');
  if (!used || !(target > 0) || left < 0 || bar.querySelector('.k-over')) return;
  used.setAttribute('width', `${((1 - left / target) * 100).toFixed(1)}%`);
  used.classList.toggle('k-warn', isClose);
  used.classList.toggle('k-counted', !isClose);
}

// `38 min`, `11 h 21 min`, `3 d 0 h`: as the pages write it.
export function span(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}
