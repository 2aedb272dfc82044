// looks of the preview: a press saves and shows it without scripts; with them only the frame changes
document.addEventListener('click', e => {
  const look = e.target.closest('[data-look]');
  const frame = document.getElementById('look');
  if (!look || !frame) return;
  e.preventDefault();
  frame.className = look.dataset.frame;
  frame.src = look.dataset.look;
  look.parentElement.querySelectorAll('[data-look]').forEach(b => b.setAttribute('aria-pressed', b === look));
});

// after it was saved by itself: what is still missing, and the preview, as the server tells them now
document.addEventListener('autosaved', async () => {
  const answer = await fetch(location.pathname, { headers: { Accept: 'text/html' } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const frame = document.getElementById('look');
  for (const part of document.querySelectorAll('[data-fresh]')) {
    const now = fresh.getElementById(part.id);
    if (!now || (frame && part.contains(frame) && now.querySelector('#look'))) continue;
    if (part.innerHTML !== now.innerHTML && !part.contains(document.activeElement)) part.replaceChildren(...now.childNodes);
  }
  if (frame?.isConnected) frame.src = frame.src;                           // a sandboxed frame is not reached otherwise
});
