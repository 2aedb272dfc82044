// Whoever wrote something presses a button while there is no connection: the browser would show a page of its own in place of what was
// typed. So it is asked first whether the server can be reached, and if not, the page stays. <body data-offline="words">, told in #status.
const WAITED_MS = 8_000;
const reachable = src => navigator.onLine
  ? fetch(src, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(WAITED_MS) }).then(() => true, () => false)
  : Promise.resolve(false);
const asked = document.querySelector('script[src]')?.src;   // a file of ours, which costs the server nothing
const typed = new WeakSet();   // forms in which something would be lost
let answered = null, asking = false;

document.addEventListener('input', e => { if (e.target.form?.querySelector('textarea')) typed.add(e.target.form); });

document.addEventListener('submit', async e => {
  const form = e.target, submitter = e.submitter;
  if (form === answered) { answered = null; return; }
  if (!typed.has(form) || form.method !== 'post' || form.hasAttribute('hx-post') || submitter?.hasAttribute('hx-post')) return;
  e.preventDefault();
  e.stopImmediatePropagation();   // nobody else hears of a press that may come to nothing
  if (asking) return;
  asking = true;
  const there = await reachable(asked);
  asking = false;
  const status = document.getElementById('status');
  if (there) {
    answered = form;
    form.requestSubmit(submitter);
    answered = null;
    return;
  }
  status.dataset.tone = 'danger';
  status.textContent = document.body.dataset.offline ?? '';
  status.scrollIntoView({ block: 'center' });
}, true);
