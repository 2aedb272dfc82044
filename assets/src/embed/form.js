// <shodaku-form><a href="https://mail.example.jp/f/shop/join">…</a></shodaku-form>: the page behind the link, in a frame.
// Without this script the link stays a link. It draws a frame and nothing else: no style, no request, no cookie.
const HEIGHT = 1200;

class ShodakuForm extends HTMLElement {
  connectedCallback() {
    const link = this.querySelector('a[href]');
    if (!link || this.shadowRoot) return;
    const address = new URL(link.href);
    if (!/^https?:$/.test(address.protocol)) return;
    address.pathname = address.pathname.replace(/\/?$/, '/frame');
    const frame = document.createElement('iframe');
    const attributes = {
      src: address.href, title: link.textContent.trim(), width: '100%', height: this.getAttribute('height') || HEIGHT,
      frameborder: 0, loading: 'lazy', referrerpolicy: 'no-referrer',
      sandbox: 'allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation',
    };
    for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
    this.attachShadow({ mode: 'open' }).append(frame);
  }
}

if (!customElements.get('shodaku-form')) customElements.define('shodaku-form', ShodakuForm);
