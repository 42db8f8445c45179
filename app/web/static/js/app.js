// What every page has: messages, questions before acting, what comes back late, posts, menus, side bar, page strip.
'use strict';

const Gis = (() => {
  const words = JSON.parse(document.body.dataset.words || '{}');

  /** The message named so, with %s replaced; messages come from the page, in its language. */
  const say = (name, ...parts) => parts.reduce((text, part) => text.replace('%s', () => part), words[name] || name);

  /** A new element; text is always a text node, never markup. */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) node.setAttribute(name, '');
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  const icon = (name) => el('span', { class: `fa-solid ${name}`, 'aria-hidden': 'true' });

  function open(dialog) {
    if (!dialog.open) dialog.showModal();
  }

  let answered = Promise.resolve();

  /** Asks in the page's own dialog, one question after the other; resolves to true only for 确定. */
  function ask(text) {
    answered = answered.then(() => askNow(text));
    return answered;
  }

  function askNow(text) {
    const dialog = document.getElementById('ask');
    dialog.querySelector('[data-ask-text]').textContent = text;
    dialog.returnValue = '';
    open(dialog);
    return new Promise((resolve) => {
      dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
    });
  }

  /** What the server has to say as JSON; whatever else it answers is a failure. */
  async function json(url, options) {
    const answer = await fetch(url, { headers: { Accept: 'application/json' }, ...options });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  /**
   * A way to ask for what comes back later. What comes back, an answer for `use` or an error for `fail`, is dropped once
   * somebody has asked again. It is dropped, too, when `state` is no longer what it was: then that is asked about anew.
   */
  function asker({ ask: put, use, fail = () => {}, state = () => '' }) {
    let newest = null;
    return async function askAgain(...about) {
      if (newest) newest.abort();
      const own = new AbortController();
      newest = own;
      const before = state();
      const [take, back] = await put(own.signal).then((answer) => [use, answer], (error) => [fail, error]);
      if (own !== newest) return;
      if (state() === before) take(back, ...about);
      else askAgain(...about);
    };
  }

  /** Sends the one CSRF form of the page to url with further names and values. */
  function post(url, pairs = []) {
    const form = document.getElementById('g-post');
    form.setAttribute('action', url);
    form.querySelectorAll('[data-extra]').forEach((node) => node.remove());
    for (const [name, value] of pairs) form.append(el('input', { type: 'hidden', name, value, 'data-extra': true }));
    form.requestSubmit();
  }

  /** Tells that the control holds something else now, which a person put in unless it was `filled`. */
  function changed(control, how = '') {
    for (const type of ['input', 'change']) control.dispatchEvent(new CustomEvent(type, { bubbles: true, detail: how }));
  }

  /** A field is by hand once a person has put something in, until it is emptied again or `filled`. */
  function noteHand({ target, detail }) {
    const field = target.closest('.field');
    if (field) field.toggleAttribute('data-by-hand', detail !== 'filled' && Boolean(target.value));
  }
  document.addEventListener('input', noteHand);
  document.addEventListener('change', noteHand);

  /** Whether the box of that name is by hand or being typed in: no answer may set it then. A read-only box never is. */
  function isByHand(form, name) {
    const control = form.querySelector(`[name="${CSS.escape(name)}"]`);
    const field = control && control.closest('.field');
    if (!field) return false;
    const { activeElement: at } = document;
    return 'byHand' in field.dataset || (field.contains(at) && at.matches('input, select, textarea') && !at.readOnly);
  }

  /** Shows the value of a locked select, which is disabled and so sends nothing itself, also where it became a combo. */
  function showInMirror(before, value) {
    const mirror = before && (before.tagName === 'SELECT' ? before : before.querySelector('select'));
    if (!mirror) return;
    mirror.value = value;
    mirror.dispatchEvent(new Event('change'));
  }

  /** Puts a value into the control of that name: box, select, ticks, or picker ({key, label}); returns the control. */
  function setValue(form, name, value) {
    const control = form.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!control) return null;
    const plain = value === null || value === undefined ? '' : value;
    const group = control.type === 'hidden' && control.closest('.group');
    if (group) {
      const pair = typeof plain === 'object' ? plain : { key: plain, label: plain };
      control.value = pair.key;
      group.querySelector('.box').value = pair.label;
      return group.querySelector('.box');
    }
    if (control.type === 'checkbox') control.checked = Boolean(value);
    else control.value = plain;
    if (control.type === 'hidden') showInMirror(control.previousElementSibling, plain);
    return control;
  }

  const dressers = [];

  /** Has `start` at every element that the selector finds on the page, and in every part that is `added` later. */
  function dress(selector, start) {
    dressers.push([selector, start]);
    document.querySelectorAll(selector).forEach((node) => start(node));
  }

  function added(part) {
    for (const [selector, start] of dressers) part.querySelectorAll(selector).forEach((node) => start(node));
  }

  function remember(store, key, value) {
    try {
      if (value === null) store.removeItem(key);
      else store.setItem(key, JSON.stringify(value));
    } catch (error) { /* storage may be switched off: the page works without */ }
  }

  function recall(store, key, otherwise) {
    try {
      return JSON.parse(store.getItem(key)) || otherwise;
    } catch (error) {
      return otherwise;
    }
  }

  return { say, el, icon, open, ask, json, asker, post, changed, isByHand, setValue, dress, added, remember, recall };
})();

(() => {
  const { ask, post } = Gis;

  async function onClick(event) {
    const target = event.target.closest('[data-post], a[data-confirm], [data-close], [data-dialog], [data-print], a[href^="#"]');
    if (!target) return;
    const { dataset } = target;
    if ('post' in dataset) {
      event.preventDefault();
      if (!dataset.confirm || await ask(dataset.confirm)) post(dataset.post);
    } else if ('confirm' in dataset) {
      event.preventDefault();
      if (await ask(dataset.confirm)) window.location.assign(target.href);
    } else if ('close' in dataset) {
      (target.closest('dialog') ? target.closest('dialog').close() : target.closest('.note').remove());
    } else if ('print' in dataset) {
      window.print();
    } else {
      followFragment(event, document.getElementById(dataset.dialog || target.hash.slice(1)));
    }
  }

  function followFragment(event, place) {
    if (!place) return;
    if (place.tagName === 'DIALOG') {
      event.preventDefault();
      Gis.open(place);
    } else if (place.matches('input, select, textarea, button')) {
      event.preventDefault();
      place.focus();
      place.scrollIntoView({ block: 'center' });
    }
  }

  async function onSubmit(event) {
    const form = event.target;
    const button = event.submitter;
    if (event.defaultPrevented || form.method === 'dialog') return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (button && button.dataset.confirm && !form.dataset.agreed) {
      event.preventDefault();
      if (!await ask(button.dataset.confirm)) return;
      form.dataset.agreed = 'yes';
      form.requestSubmit(button);
      return;
    }
    form.dataset.sent = 'yes';
    setTimeout(() => setSubmits(form, true));
  }

  function setSubmits(form, disabled) {
    for (const control of form.elements) {
      if (control.type === 'submit') control.disabled = disabled;
    }
  }

  function wakeForms(event) {
    if (!event.persisted) return;
    document.querySelectorAll('form').forEach((form) => {
      delete form.dataset.sent;
      delete form.dataset.agreed;
      setSubmits(form, false);
    });
  }

  function placeMenu(drop) {
    const list = drop.querySelector('.drop-list');
    const cell = drop.closest('.acts');
    if (cell) cell.classList.toggle('raised', drop.open);
    if (!drop.open || !drop.classList.contains('more')) return;
    const box = drop.getBoundingClientRect();
    const below = box.bottom + list.offsetHeight + 8 < window.innerHeight;
    list.style.top = `${below ? box.bottom : Math.max(8, box.top - list.offsetHeight - 8)}px`;
    list.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - list.offsetWidth - 12))}px`;
  }

  function closeMenus(except) {
    document.querySelectorAll('details.drop[open]').forEach((drop) => {
      if (drop !== except) drop.open = false;
    });
  }

  document.addEventListener('click', onClick);
  document.addEventListener('click', (event) => closeMenus(event.target.closest('details.drop')));
  document.addEventListener('submit', onSubmit);
  window.addEventListener('pageshow', wakeForms);
  window.addEventListener('scroll', () => document.querySelectorAll('details.more[open]').forEach((drop) => { drop.open = false; }), true);
  document.querySelectorAll('details.drop').forEach((drop) => drop.addEventListener('toggle', () => placeMenu(drop)));
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const drop = event.target.closest && event.target.closest('details.drop[open]');
    closeMenus();
    if (drop) drop.querySelector('summary').focus();
  });
  document.querySelectorAll('dialog').forEach((dialog) => dialog.addEventListener('click', (event) => {
    if (event.target === dialog && dialog.id !== 'pick') dialog.close();
  }));
})();

(() => {
  const root = document.documentElement;
  const side = document.getElementById('side');
  const toggle = document.querySelector('[data-side]');
  if (!side || !toggle) return;
  const wide = window.matchMedia('(min-width: 992px)');

  function showState() {
    toggle.setAttribute('aria-expanded', String(wide.matches ? !root.classList.contains('side-narrow') : root.classList.contains('side-open')));
  }

  function openOverlay(opened) {
    root.classList.toggle('side-open', opened);
    showState();
    if (opened) side.querySelector('.menu a, .menu summary').focus();
    else toggle.focus();
  }

  function setNarrow(narrow) {
    root.classList.toggle('side-narrow', narrow);
    try { localStorage.setItem('side', narrow ? 'narrow' : 'wide'); } catch (error) { /* not kept, then */ }
    showState();
  }

  toggle.addEventListener('click', () => {
    if (wide.matches) setNarrow(!root.classList.contains('side-narrow'));
    else openOverlay(!root.classList.contains('side-open'));
  });
  document.querySelector('.veil').addEventListener('click', () => openOverlay(false));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && root.classList.contains('side-open')) openOverlay(false);
  });
  wide.addEventListener('change', () => { root.classList.remove('side-open'); showState(); });
  showState();

  const groups = [...side.querySelectorAll('details')];
  const closed = Gis.recall(localStorage, 'menu-closed', []);
  groups.forEach((group) => {
    if (closed.includes(group.dataset.group) && !group.querySelector('[aria-current]')) group.open = false;
    group.querySelector('summary').addEventListener('click', (event) => {
      if (!wide.matches || !root.classList.contains('side-narrow')) return;
      event.preventDefault();
      group.open = true;
      setNarrow(false);
    });
    group.addEventListener('toggle', () => Gis.remember(localStorage, 'menu-closed',
      groups.filter((other) => !other.open).map((other) => other.dataset.group)));
  });
  const current = side.querySelector('[aria-current]');
  if (current) current.scrollIntoView({ block: 'nearest' });
})();

(() => {
  const { user, home } = document.body.dataset;
  const strip = document.querySelector('[data-strip]');
  if (!user) {
    Gis.remember(sessionStorage, 'strip', null);
    return;
  }
  if (!strip) return;
  const most = 10;
  const kept = Gis.recall(sessionStorage, 'strip', {});
  let pages = kept.user === user ? kept.pages : [];
  const here = window.location.pathname;
  const { strip: label, stripEnd: end, stripTitle: title } = strip.dataset;

  function keep() {
    Gis.remember(sessionStorage, 'strip', { user, pages });
  }

  function close(page) {
    const index = pages.indexOf(page);
    pages.splice(index, 1);
    keep();
    if (page.path !== here) {
      draw();
      return;
    }
    const next = pages[index] || pages[index - 1];
    window.location.assign(next ? next.url : home);
  }

  function tab(page) {
    const name = page.label + (page.end || '');
    const link = Gis.el('a', { href: page.url, title: page.title || name }, Gis.el('span', {}, page.label));
    if (page.end) link.append(Gis.el('b', {}, page.end));
    const node = Gis.el('div', { class: page.label.length > 8 ? 'strip-tab long' : 'strip-tab' }, link);
    if (page.path === here) {
      node.classList.add('current');
      link.setAttribute('aria-current', 'page');
    }
    if (page.path === home) return node;
    const button = Gis.el('button', { type: 'button', 'aria-label': Gis.say('closeTab', name) }, Gis.icon('fa-xmark'));
    button.addEventListener('click', () => close(page));
    node.append(button);
    return node;
  }

  function draw() {
    strip.replaceChildren(tab({ path: home, url: home, label: Gis.say('workbench') }), ...pages.map(tab));
  }

  /** Buttons and crumbs that lead back to a list lead to it as this person left it, with its filters. */
  document.querySelectorAll('.bar a[href], .crumbs a[href]').forEach((link) => {
    const kept = link.search ? null : pages.find((page) => page.path === link.pathname);
    if (kept) link.href = kept.url;
  });

  /** A record that is deleted leaves no tab that leads to nothing. */
  document.getElementById('g-post').addEventListener('submit', (event) => {
    const { pathname } = new URL(event.target.getAttribute('action'), window.location.href);  // a box may be called so
    if (!pathname.includes('/delete/')) return;
    const gone = ['show', 'edit'].map((method) => pathname.replace('/delete/', `/${method}/`));
    pages = pages.filter((page) => !gone.includes(page.path));
    keep();
  });

  if ('stripDrop' in strip.dataset) {  // what is shown once cannot be shown by a tab
    pages = pages.filter((page) => page.path !== here);
    keep();
  }
  if (here !== home && label && 'stripKeep' in strip.dataset) {
    const page = { path: here, url: here + window.location.search, label, end, title };
    const index = pages.findIndex((other) => other.path === here);
    if (index < 0) pages = [...pages, page].slice(1 - most);
    else pages[index] = page;
    keep();
  }
  draw();
})();

(() => {
  if (window.location.hash) return;
  const problems = document.querySelector('.problems');
  if (problems) problems.focus();
})();
