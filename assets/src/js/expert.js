// Code of a mail: CodeMirror over a <textarea>, which stays the field that is sent. It lives in a shadow root: there its styles are
// constructed style sheets, so the page needs neither a nonce nor an inline style. Its colours are our tokens, which reach inside; its
// own ones are too weak to be read. It holds no words: whatever is read comes from the page. Tab leaves it (WCAG 2.1.2).
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { html } from '@codemirror/lang-html';
import { markdown } from '@codemirror/lang-markdown';
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags as t } from '@lezer/highlight';
import { finding, wire } from './finding.js';
import { composing } from './ime.js';
import './looks.js';

const look = EditorView.theme({
  '&': { border: '1px solid var(--line-strong)', borderRadius: 'var(--r2)', background: 'var(--surface)', color: 'var(--ink)', fontSize: 'var(--fs-14)' },
  '&.cm-focused': { outline: '3px solid var(--focus)', outlineOffset: '2px', boxShadow: '0 0 0 5px var(--focus-ring)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', minHeight: '24rem', maxHeight: '70vh', overflow: 'auto', borderRadius: 'var(--r2)' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { background: 'var(--sunken)', color: 'var(--ink-3)', border: '0' },
  '.cm-activeLine, .cm-activeLineGutter': { background: 'var(--sunken)' },
  '.cm-matchingBracket': { background: 'var(--action-soft) !important' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--select) !important' },
});
const colours = HighlightStyle.define([
  { tag: [t.tagName, t.keyword, t.heading], color: 'var(--action)' },
  { tag: [t.attributeName, t.propertyName, t.link, t.url], color: 'var(--wait)' },
  { tag: [t.attributeValue, t.string], color: 'var(--go)' },
  { tag: [t.comment, t.angleBracket, t.punctuation], color: 'var(--ink-3)' },
  { tag: t.strong, fontWeight: '700' },
  { tag: t.emphasis, fontStyle: 'italic' },
]);
const grammar = name => name === 'markdown' ? markdown() : html({ autoCloseTags: false });

// over a selection Chromium types with an inline style, which the policy refuses and reports: so it is replaced here
const over = (e, view) => {
  if (e.inputType !== 'insertText' || e.isComposing || !e.data || view.state.selection.main.empty) return false;
  e.preventDefault();
  view.dispatch(view.state.replaceSelection(e.data), { userEvent: 'input.type', scrollIntoView: true });
  return true;
};

for (const area of document.querySelectorAll('textarea[data-code]')) begin(area);

function begin(area) {
  const form = area.form;
  const language = form.elements.language;
  const label = document.querySelector(`label[for="${area.id}"]`);
  const host = document.createElement('div');
  area.after(host);
  const root = host.attachShadow({ mode: 'open' });
  const bar = form.querySelector('[data-code-search]');
  const written = new Compartment();
  const tell = () => area.dispatchEvent(new Event('input', { bubbles: true }));
  const view = new EditorView({
    root, parent: root,
    state: EditorState.create({
      doc: area.value,
      extensions: [lineNumbers(), highlightActiveLineGutter(), highlightActiveLine(), history(), drawSelection(), indentOnInput(), bracketMatching(),
        finding(bar), keymap.of([...defaultKeymap, ...historyKeymap]), written.of(grammar(language.value)), look, syntaxHighlighting(colours), EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label.firstChild.textContent.trim(), spellcheck: 'false' }),
        EditorView.domEventHandlers({ beforeinput: over }),
        EditorView.updateListener.of(update => { if (update.docChanged && !update.view.composing) tell(); })],   // never inside of a composition
    }),
  });
  area.hidden = true;
  wire(view, bar, form.querySelector('[data-code-find]'));
  // whoever sends the form, by a press or by itself, sends what stands here
  form.addEventListener('formdata', e => e.formData.set(area.name, view.state.doc.toString()));
  label.addEventListener('click', e => { e.preventDefault(); view.focus(); });
  language.addEventListener('change', () => view.dispatch({ effects: written.reconfigure(grammar(language.value)) }));

  const put = text => { view.dispatch(view.state.replaceSelection(text)); view.focus(); };
  for (const tools of form.querySelectorAll('[data-code-tools]')) tools.hidden = false;
  const fields = form.querySelector('[data-code-put]');
  const words = form.querySelector('[data-code-words]');
  fields?.addEventListener('change', () => {
    const text = fields.value, fallback = words.value.replace(/[{}|<>&"'`\\[\]*\s]+/g, ' ').trim();   // as content/merge_fields.py
    fields.value = words.value = '';
    if (text) put(fallback ? text.replace(' }}', `|${fallback} }}`) : text);
  });
  words?.addEventListener('keydown', e => { if (e.key === 'Enter' && !composing(e)) { e.preventDefault(); fields.focus(); } });
  for (const button of form.querySelectorAll('button[data-mjml]')) {
    button.hidden = false;
    button.addEventListener('click', () => put(button.dataset[language.value]));
  }
  // a fault names its line: a press leads there, also after the list was renewed
  document.addEventListener('click', e => {
    const line = Number(e.target.closest('[data-code-line]')?.dataset.codeLine);
    if (!line) return;
    e.preventDefault();
    const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
    view.dispatch({ selection: { anchor: at.from }, effects: EditorView.scrollIntoView(at.from, { y: 'center' }) });
    view.focus();
  });
}
