// The serial number answers in place: scanned or typed, what is known of it appears without a new page.
// Without this module the button beside the field asks for the whole page again.
const field = document.querySelector('#f-serial');
const button = field?.form?.querySelector('[data-find]');
let asked = field?.value ?? '';

const fields = ['product', 'model', 'batch', 'operating_hours', 'site_id', 'project_id', 'organization_id', 'requester_id'];

async function answer() {
  const form = field.form;
  if (field.value === asked) return;
  asked = field.value;
  const body = new FormData();
  body.set('_form', form.elements._form.value);
  body.set('serial', field.value);
  const reply = await fetch(button.formAction, { method: 'POST', body });
  if (!reply.ok || field.value !== asked) return;
  const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
  document.querySelector('#serial-answer').replaceChildren(...page.querySelector('#serial-answer').childNodes);
  for (const name of fields) {
    const here = form.elements[name];
    const there = page.querySelector(`#f-${name}`);
    // What somebody chose stays.
    if (!here || !there || (here.value && here.dataset.filled !== here.value)) continue;
    if (here.options && there.options) here.replaceChildren(...[...there.options].map((o) => o.cloneNode(true)));
    here.value = there.value;
    here.dataset.filled = there.value;
  }
  const fold = form.querySelector('details.fold #f-product')?.closest('details');
  if (fold && page.querySelector('#f-product')?.closest('details')?.open) fold.open = true;
}

if (field && button) {
  field.addEventListener('change', () => { answer().catch(() => {}); });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    answer().catch(() => {});
  });
}
