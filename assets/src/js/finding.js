// Find and replace in the code: a part of the page (views/code.html), which the keyboard opens. CodeMirror's own panel would live in the
// shadow root, without our components; here it is only told that it is open, or it would not show what was found.
import { SearchQuery, closeSearchPanel, findNext, findPrevious, getSearchQuery, openSearchPanel, replaceAll, replaceNext, search, searchPanelOpen, setSearchQuery } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { composing } from './ime.js';

const COUNTED_MAX = 1_000;   // more are told as that many and more
const marks = EditorView.theme({
  '.cm-searchMatch': { background: 'none', outline: '1px solid var(--wait-bar)' },   // its own yellow is too weak a ground for our colours
  '.cm-searchMatch-selected': { background: 'none', outline: '2px solid var(--action)' },
});

// What the editor needs to know; bar is the part of the page.
export function finding(bar) {
  const panel = () => ({ dom: document.createElement('div'), mount: () => { bar.hidden = false; }, destroy: () => { bar.hidden = true; } });
  return [search({ createPanel: panel, literal: true }), marks, EditorState.phrases.of(JSON.parse(bar.dataset.phrases)),
    keymap.of([{ key: 'Mod-f', run: view => open(view, bar), preventDefault: true },
      { key: 'F3', run: findNext, shift: findPrevious, preventDefault: true },
      { key: 'Mod-g', run: findNext, shift: findPrevious, preventDefault: true }])];
}

function open(view, bar) {
  const { from, to } = view.state.selection.main;
  openSearchPanel(view);
  const sought = bar.querySelector('[data-find]');
  const chosen = view.state.sliceDoc(from, to);
  if (chosen && !chosen.includes('\n')) sought.value = chosen;
  sought.focus();
  sought.select();
  sought.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

export function wire(view, bar, opener) {
  const sought = bar.querySelector('[data-find]'), instead = bar.querySelector('[data-instead]'), exact = bar.querySelector('[data-exact]');
  const told = bar.querySelector('[data-told]');
  const acts = { next: findNext, previous: findPrevious, replace: replaceNext, all: replaceAll, close: closeSearchPanel };
  const ask = () => {
    const query = new SearchQuery({ search: sought.value, replace: instead.value, caseSensitive: exact.checked, literal: true });
    if (!query.eq(getSearchQuery(view.state))) view.dispatch({ effects: setSearchQuery.of(query) });
    tell();
  };
  const tell = () => {
    const query = getSearchQuery(view.state);
    let n = 0;
    if (query.valid) for (const it = query.getCursor(view.state); n < COUNTED_MAX && !it.next().done;) n++;
    told.textContent = !query.valid ? '' : n ? bar.dataset[n < COUNTED_MAX ? 'found' : 'many'].replace('{n}', n) : bar.dataset.none;
  };
  const act = name => {
    ask();
    acts[name](view);
    if (name === 'close') view.focus();
    else tell();
  };
  for (const each of [sought, instead, exact]) each.addEventListener('input', e => { if (!composing(e)) ask(); });
  for (const each of [sought, instead]) each.addEventListener('compositionend', ask);
  bar.addEventListener('click', e => { const name = e.target.closest('[data-act]')?.dataset.act; if (name) act(name); });
  bar.addEventListener('keydown', e => {
    if (composing(e)) return;
    const back = e.shiftKey ? 'previous' : 'next';
    const name = e.key === 'Escape' ? 'close' : e.key === 'F3' ? back
      : e.key === 'Enter' && e.target.matches('input') ? (e.target === instead ? 'replace' : back) : null;
    if (!name) return;
    e.preventDefault();
    act(name);
  });
  opener.hidden = false;
  opener.addEventListener('click', () => searchPanelOpen(view.state) ? act('close') : open(view, bar));
}
