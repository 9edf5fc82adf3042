// Menus are <details>: here they also close when one clicks or tabs elsewhere, opens another, or
// presses Escape, and dialogs open from [data-dialog="id"] and close from [data-close].
const openMenus = () => document.querySelectorAll('details.menu[open]');

export function start() {
  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }
  document.addEventListener('toggle', (event) => {
    if (!event.target.matches?.('details.menu[open]')) return;
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  }, true);

  document.addEventListener('click', (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
    const opener = event.target.closest?.('[data-dialog]');
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal) {
      event.preventDefault();
      if (!dialog.open) dialog.showModal();
      return;
    }
    if (event.target.closest?.('[data-close]')) {
      const shown = event.target.closest('dialog');
      if (shown) {
        event.preventDefault();
        shown.close();
      }
    } else if (event.target.matches?.('dialog') && outside(event)) {
      event.target.close();
    }
  });

  document.addEventListener('focusin', (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of openMenus()) {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector('summary')?.focus();
    }
  });
}

// A click on the backdrop hits the dialog itself, but outside its box.
function outside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right
    || event.clientY < box.top || event.clientY > box.bottom;
}
