// Form page: leaving a changed form asks, boxes are checked before sending, the server explains figures while one types.
'use strict';

(() => {
  const form = document.querySelector('form[data-record]');
  if (!form) return;
  const { say, el, icon } = Gis;

  const controlOf = (field) => field.querySelector('.box:not([type=hidden]), select, textarea, input[type=checkbox], input[type=file]');
  const labelOf = (field) => field.dataset.label;
  const snapshot = () => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));

  function valueOf(field) {
    const files = field.querySelector('input[type=file]');
    if (files) return files.files.length || field.querySelectorAll('[data-kept] input:not(:checked)').length ? 'yes' : '';
    const choice = field.querySelector('input[type=checkbox]');
    if (choice) return field.querySelector('input:checked') ? 'yes' : '';
    const hidden = field.querySelector('.group input[type=hidden]');
    const control = hidden || controlOf(field);
    return control ? control.value.trim() : '';
  }

  const patterns = {
    date: [/^\d{4}([-/.]\d{1,2}[-/.]|年\d{1,2}月)\d{1,2}日?$/, 'dateShape'],
    month: [/^\d{4}[-/]\d{1,2}$/, 'monthShape'],
    money: [/^[+-]?[\d,\s]*(\.\d+)?\s*([万亿]?元|[万亿])?$/, 'numberShape'],
    number: [/^[+-]?[\d,\s]*(\.\d+)?$/, 'numberShape'],
    percent: [/^[+-]?[\d,\s]*(\.\d+)?\s*%?$/, 'numberShape'],
  };

  /** Full-width digits and signs as the server understands them. */
  const halfWidth = (text) => text.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replaceAll('\u3000', ' ');

  /** What stands against the chosen files before they travel. */
  function problemOfFiles(input) {
    const most = Number(input.dataset.max) || Infinity;
    const megabytes = (bytes) => String(Math.ceil(bytes / 104857.6) / 10);
    for (const { name, size } of input.files) {
      if (!size) return say('fileEmpty', name);
      if (size > most) return say('fileLarge', name, megabytes(size), String(Math.floor(most / 1048576)));
    }
    return '';
  }

  /** A row in which nothing stands is no row, as the server has it. */
  const isBlankRow = (row) => row && ![...row.querySelectorAll('.field')].some(valueOf);

  function problemOf(field) {
    const control = controlOf(field);
    if (!control || control.disabled || isBlankRow(field.closest('[data-row]'))) return '';
    const { ui } = field.dataset;
    const value = valueOf(field);
    if (!value) {
      if (!('required' in field.dataset)) return '';
      if (ui === 'files') return say('upload', labelOf(field));
      return say(['select', 'picker', 'date', 'month', 'checks', 'flag'].includes(ui) ? 'choose' : 'enter', labelOf(field));
    }
    if (ui === 'files') return problemOfFiles(control);
    if (!patterns[ui] || control.readOnly) return '';
    const [shape, message] = patterns[ui];
    return shape.test(halfWidth(value).trim()) ? '' : say(message, labelOf(field));
  }

  function describe(control, id, present) {
    const ids = new Set((control.getAttribute('aria-describedby') || '').split(' ').filter(Boolean));
    if (present) ids.add(id);
    else ids.delete(id);
    if (ids.size) control.setAttribute('aria-describedby', [...ids].join(' '));
    else control.removeAttribute('aria-describedby');
  }

  function setProblem(field, text) {
    const control = controlOf(field);
    const id = `${field.dataset.id}-error`;
    field.querySelectorAll('.field-error').forEach((node) => node.remove());
    field.classList.toggle('bad', Boolean(text));
    if (!control) return;
    if (text) {
      control.setAttribute('aria-invalid', 'true');
      field.append(el('p', { class: 'field-error', id }, icon('fa-circle-exclamation'), el('span', {}, text)));
    } else {
      control.removeAttribute('aria-invalid');
    }
    describe(control, id, Boolean(text));
  }

  /** What the card says of a field: with its section before it where another field has the same label. */
  function placed(field, text) {
    const row = field.closest('[data-row]');
    if (row) return say('rowProblem', row.querySelector('[data-row-no]').textContent, text);
    const twins = form.querySelectorAll(`.field[data-label="${CSS.escape(labelOf(field))}"]`);
    const section = twins.length > 1 && field.closest('section').querySelector('h2');
    return section ? `${section.textContent}：${text}` : text;
  }

  document.querySelectorAll('#problems li[data-for] a').forEach((link) => {
    const field = form.querySelector(`.field[data-id="${CSS.escape(link.hash.slice(1))}"]`);
    if (field && !field.closest('[data-row]')) link.textContent = placed(field, link.textContent);
  });

  function problemsCard() {
    const found = document.getElementById('problems');
    if (found) return found;
    const card = el('div', { class: 'problems', id: 'problems', role: 'alert', tabindex: '-1' },
      icon('fa-circle-xmark'), el('h2', {}, say('failed')), el('ul'));
    form.prepend(card);
    return card;
  }

  function shrink(field) {
    const card = document.getElementById('problems');
    if (!card) return;
    const line = card.querySelector(`[data-for="${CSS.escape(field.dataset.id)}"]`);
    if (line) line.remove();
    if (!card.querySelector('li')) card.remove();
  }

  /** Only the server knows the law of rows: what is wrong in them is told at once with all the rest, by it alone. */
  const hasRows = () => [...form.querySelectorAll('[data-row]')].some((row) => !isBlankRow(row));
  const isTooLarge = () => [...form.querySelectorAll('input[type=file]')].some(problemOfFiles);

  function check(event) {
    if ((event.submitter && event.submitter.formNoValidate) || (hasRows() && !isTooLarge())) return;
    const bad = [];
    form.querySelectorAll('.field').forEach((field) => {
      const text = problemOf(field);
      setProblem(field, text);
      if (text) bad.push([field, text]);
    });
    if (!bad.length) return;
    event.preventDefault();
    const card = problemsCard();
    card.querySelector('ul').replaceChildren(...bad.map(([field, text]) => el('li', { 'data-for': field.dataset.id },
      el('a', { href: `#${controlOf(field).id}` }, placed(field, text)))));
    card.focus();
    card.scrollIntoView({ block: 'center' });
  }

  function recheck(event) {
    const field = event.target.closest('.field');
    const chosen = field && event.target.files;
    const text = chosen ? problemOfFiles(event.target) : field && problemOf(field);
    if (chosen && text) setProblem(field, text);
    if (!field || !field.classList.contains('bad') || text) return;
    setProblem(field, '');
    shrink(field);
  }

  let clean = snapshot();
  const dirty = () => !form.dataset.sent && ('dirty' in form.dataset || snapshot() !== clean);

  async function leave(event) {
    const link = event.target.closest('a[href]');
    if (!link || link.target || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const url = new URL(link.href, window.location.href);
    if (link.hasAttribute('download') || (url.pathname === window.location.pathname && url.hash) || !dirty()) return;
    event.preventDefault();
    if (!await Gis.ask(say('leave'))) return;
    delete form.dataset.dirty;
    clean = snapshot();
    window.location.assign(link.href);
  }

  form.addEventListener('problem', (event) => setProblem(event.target, event.detail));
  form.addEventListener('submit', check);
  form.addEventListener('input', recheck);
  form.addEventListener('change', recheck);
  document.addEventListener('click', leave);
  window.addEventListener('beforeunload', (event) => {
    if (!dirty()) return;
    event.preventDefault();
    event.returnValue = '';
  });

  /** What the browser puts back while the page loads is no change of the person's; what the person has typed by then is. */
  const settle = () => { clean = snapshot(); };
  window.addEventListener('load', settle);
  form.addEventListener('input', () => window.removeEventListener('load', settle), { once: true });

  /** Enter in a box of a long form would save a half-filled draft and lead away from it. */
  const drafts = [...form.elements].some((control) => control.formNoValidate);
  form.addEventListener('keydown', (event) => {
    if (!event.defaultPrevented && drafts && event.key === 'Enter' && event.target.matches('input.box')) event.preventDefault();
  });

  let timer = 0;

  /** An explanation is a help: without it the form is still sent and checked. */
  const explain = Gis.asker({
    state: snapshot,
    ask: (signal) => {
      const body = new FormData(form);
      for (const [name, value] of [...body]) {
        if (!(value instanceof File)) continue;
        body.delete(name);
        if (value.name) body.append(`${name}-chosen`, value.name);
      }
      return Gis.json(form.dataset.explain, { method: 'POST', body, signal });
    },
    use: show,
  });

  /** The words that a figure rests on, for whoever asks. */
  function sources(texts) {
    if (!texts || !texts.length) return [];
    const list = el('ul', {}, ...texts.map((text) => el('li', {}, text)));
    return [el('details', { class: 'sources' }, el('summary', {}, say('sources')), list)];
  }

  /** On a narrow screen what is met already stands folded, so that what is missing comes first. */
  const beside = document.querySelector('[data-aside]');
  function fold() {
    const narrow = window.matchMedia('(max-width: 639px)').matches;
    beside.querySelectorAll('[data-wide-open]').forEach((part) => { part.open = !narrow; });
  }
  if (beside) fold();

  function setAside(html) {
    if (!beside || !html) return;
    const opened = [...beside.querySelectorAll('details')].map((part) => part.open);
    beside.replaceChildren(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
    beside.querySelectorAll('details').forEach((part, at) => { part.open = opened[at] !== false; });
    if (!opened.length) fold();
  }

  function show({ fields = {}, lines = [], targets = {}, rows = {}, aside = '' }) {
    setAside(aside);
    form.dispatchEvent(new CustomEvent('rows', { detail: rows }));
    form.dispatchEvent(new CustomEvent('targets', { detail: targets }));
    for (const [name, value] of Object.entries(fields)) {
      if (!Gis.isByHand(form, name)) Gis.setValue(form, name, value);
    }
    form.dispatchEvent(new CustomEvent('filled'));
    document.querySelectorAll('[data-lines]').forEach((place) => {
      const own = lines.filter((line) => line.for === place.dataset.lines);
      place.replaceChildren(...own.flatMap((line) => [el('p', { class: `field-line ${line.tone || 'info'}` },
        icon({ warning: 'fa-triangle-exclamation', danger: 'fa-circle-exclamation', success: 'fa-circle-check' }[line.tone] || 'fa-circle-info'),
        el('span', {}, line.text, ...(line.url ? [' ', el('a', { href: line.url, target: '_blank', rel: 'noopener' }, line.link)] : []))), ...sources(line.sources)]));
    });
  }

  if (form.dataset.explain) {
    form.addEventListener('change', () => {
      clearTimeout(timer);
      timer = setTimeout(explain, 300);
    });
    // What was refused comes back as it was sent: a figure that the explanation had not filled yet is asked for again.
    if ('dirty' in form.dataset) explain();
  }

  /** What is chosen in such a box decides what others offer: the server draws the form anew, with all that was typed. */
  const refreshing = new Set((form.dataset.refreshes || '').split(' ').filter(Boolean));
  form.addEventListener('change', (event) => {
    const field = event.target.closest('.field');
    const control = field && field.querySelector('.group input[type=hidden]');
    if (!control || !refreshing.has(control.name)) return;
    form.dataset.sent = 'refresh';
    form.append(el('input', { type: 'hidden', name: 'then', value: 'refresh' }));
    HTMLFormElement.prototype.submit.call(form);
  });

  /** What would come of the form as it is typed, in a page of its own; files stay behind. */
  document.querySelectorAll('[data-preview]').forEach((button) => button.addEventListener('click', () => {
    const post = el('form', { method: 'post', action: button.dataset.preview, target: '_blank', hidden: '' });
    for (const [name, value] of new FormData(form)) {
      if (!(value instanceof File)) post.append(el('input', { type: 'hidden', name, value }));
    }
    document.body.append(post);
    HTMLFormElement.prototype.submit.call(post);
    post.remove();
  }));

  Gis.dress('form[data-record] select.box', (select) => {
    const fit = () => select.classList.toggle('blank', !select.value);
    select.addEventListener('change', fit);
    fit();
  });
})();

(() => {
  document.querySelectorAll('[data-secret]').forEach((button) => button.addEventListener('click', () => {
    const box = document.getElementById(button.dataset.secret);
    const shown = box.type === 'password';
    box.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shown));
    button.querySelector('.fa-solid').className = `fa-solid ${shown ? 'fa-eye-slash' : 'fa-eye'}`;
  }));
})();

(() => {
  const anchors = document.querySelector('.anchors');
  if (!anchors || !('IntersectionObserver' in window)) return;
  const links = [...anchors.querySelectorAll('a')];
  const seen = new Set();
  const mark = (current) => links.forEach((link) => {
    if (link === current) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
  const watch = new IntersectionObserver((entries) => {
    entries.forEach((entry) => (entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id)));
    const first = links.find((link) => seen.has(link.hash.slice(1)));
    if (first) mark(first);
  }, { rootMargin: '-100px 0px -80px 0px' });
  links.forEach((link) => {
    const section = document.getElementById(link.hash.slice(1));
    if (section) watch.observe(section);
  });
  mark(links[0]);
})();
