// The text block of a mail. Without scripts people type into a plain field; with them it is put away and TipTap writes the JSON
// document (content/rich_text.py) into a second one. Loaded on the page that writes blocks alone.
import { Editor, Node, mergeAttributes } from '@tiptap/core';
import Bold from '@tiptap/extension-bold';
import Document from '@tiptap/extension-document';
import HardBreak from '@tiptap/extension-hard-break';
import Italic from '@tiptap/extension-italic';
import Link from '@tiptap/extension-link';
import { BulletList, ListItem, OrderedList } from '@tiptap/extension-list';
import Paragraph from '@tiptap/extension-paragraph';
import Text from '@tiptap/extension-text';
import { UndoRedo } from '@tiptap/extensions';
import { composing } from './ime.js';
import './looks.js';

const LINK = /^(https:\/\/[a-z0-9][^\s"'<>\\{}^`|]*|mailto:[^\s"'<>\\{}^`|@?]+@[^\s"'<>\\{}^`|@]+|tel:\+?[0-9][0-9-]{2,30})$/i;

// an item is one paragraph, and Tab leaves the editor (WCAG 2.1.2): no list inside of a list
const Item = ListItem.extend({ content: 'paragraph', addKeyboardShortcuts() { return { Enter: () => this.editor.commands.splitListItem(this.name) }; } });

const Merge = Node.create({
  name: 'merge', group: 'inline', inline: true, atom: true, marks: '_',
  addAttributes() {
    return {
      key: { default: '', rendered: false, parseHTML: element => element.dataset.merge },
      fallback: { default: '', rendered: false, parseHTML: element => element.dataset.fallback ?? '' },
    };
  },
  parseHTML() { return [{ tag: 'span[data-merge]' }]; },
  addOptions() { return { labels: {} }; },
  renderHTML({ node, HTMLAttributes }) {
    const { key, fallback } = node.attrs, label = this.options.labels[key] ?? key;
    return ['span', mergeAttributes({ 'data-merge': key, 'data-fallback': fallback, class: 'chip' }, HTMLAttributes), fallback ? `${label} | ${fallback}` : label];
  },
});

// as content/merge_fields.py: no sign that is markup somewhere
const clean = words => words.replace(/[{}|<>&"'`\\[\]*\s]+/g, ' ').trim();

for (const host of document.querySelectorAll('[data-prose]')) begin(host);

function begin(host) {
  const block = host.closest('.block');
  const store = document.getElementById(host.dataset.prose);
  const typed = document.getElementById(host.dataset.typedField);
  const merges = host.querySelector('[data-merges]');
  const labels = Object.fromEntries([...merges.options].filter(o => o.value).map(o => [o.value, o.textContent]));
  let content;
  try { content = JSON.parse(store.value); } catch { return; }             // what is no document stays in the plain field
  const label = document.getElementById(host.dataset.label);

  store.name = store.dataset.name;
  typed.disabled = true;
  block.querySelector('[data-typed]').hidden = true;
  host.hidden = false;
  const tell = () => {
    store.value = JSON.stringify(editor.getJSON());
    store.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const fallback = host.querySelector('[data-fallback-words]');
  const pressed = () => {
    host.querySelectorAll('[data-mark]').forEach(b => b.setAttribute('aria-pressed', editor.isActive(b.dataset.mark)));
    if (document.activeElement !== fallback) fallback.value = editor.isActive('merge') ? editor.getAttributes('merge').fallback : '';
  };
  const editor = new Editor({
    element: host, injectCSS: false,                                       // an injected <style> would break the policy
    extensions: [Document, Paragraph, Text, Bold, Italic, HardBreak, BulletList, OrderedList, Item, UndoRedo, Merge.configure({ labels }),
      Link.configure({ openOnClick: false, autolink: false, linkOnPaste: false, isAllowedUri: address => LINK.test(address) })],
    content,
    editorProps: { attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-labelledby': label.id, class: 'prose-text' } },
    onUpdate({ editor }) { if (!editor.view.composing) tell(); },          // never inside of a composition
    onTransaction: () => queueMicrotask(pressed),
  });
  host.addEventListener('compositionend', () => setTimeout(tell));
  label.addEventListener('click', e => { e.preventDefault(); editor.commands.focus(); });

  const form = host.querySelector('[data-link]');
  const address = form.querySelector('input');
  const wrong = form.querySelector('[role=status]');
  const opener = host.querySelector('[data-mark=link]');
  const open = shown => { form.hidden = !shown; opener.setAttribute('aria-expanded', shown); wrong.textContent = ''; };
  const set = () => {
    const to = address.value.trim();
    if (to && !LINK.test(to)) { wrong.textContent = wrong.dataset.wrong; address.focus(); return; }
    const chain = editor.chain().focus().extendMarkRange('link');
    if (!to) chain.unsetLink().run();
    else if (editor.state.selection.empty && !editor.isActive('link')) chain.insertContent({ type: 'text', text: to, marks: [{ type: 'link', attrs: { href: to } }] }).run();
    else chain.setLink({ href: to }).run();
    open(false);
  };
  host.addEventListener('click', e => {
    const mark = e.target.closest('[data-mark]')?.dataset.mark;
    if (mark === 'bold') editor.chain().focus().toggleBold().run();
    else if (mark === 'italic') editor.chain().focus().toggleItalic().run();
    else if (mark === 'bulletList') editor.chain().focus().toggleBulletList().run();
    else if (mark === 'orderedList') editor.chain().focus().toggleOrderedList().run();
    else if (mark === 'link') { open(form.hidden); if (!form.hidden) { address.value = editor.getAttributes('link').href ?? ''; address.focus(); } }
    else if (e.target.closest('[data-link-set]')) set();
  });
  address.addEventListener('keydown', e => {
    if (composing(e)) return;
    if (e.key === 'Enter') { e.preventDefault(); set(); }
    if (e.key === 'Escape') { open(false); editor.commands.focus(); }
  });
  merges.addEventListener('change', e => {
    e.stopPropagation();
    const key = merges.value;
    merges.value = '';
    if (key) editor.chain().focus().insertContent({ type: 'merge', attrs: { key, fallback: clean(fallback.value) } }).run();
  });
  // of the field that is chosen in the text, or of the one that is put in next; Enter in it presses no button of the form
  const change = () => { if (editor.isActive('merge')) editor.commands.updateAttributes('merge', { fallback: clean(fallback.value) }); };
  fallback.addEventListener('input', e => { if (!e.isComposing) change(); });
  fallback.addEventListener('compositionend', () => setTimeout(change));
  fallback.addEventListener('keydown', e => { if (e.key === 'Enter' && !composing(e)) { e.preventDefault(); editor.commands.focus(); } });
}
