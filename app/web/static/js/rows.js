// Rows of a form: added, removed, moved and pasted from Excel, by keyboard alone; on a phone one of them is open; their sum.
'use strict';

(() => {
  const { say, el, icon } = Gis;
  const UNDO = 10000;
  const { controlOf, cellsOf } = RowPaste;
  const textOf = (control) => (control.tagName === 'SELECT' ? (control.value ? control.options[control.selectedIndex].text : '') : control.value.trim());

  class Rows {
    constructor(node) {
      this.node = node;
      this.body = node.querySelector('[data-rows-body]');
      this.said = node.querySelector('[data-rows-said]');
      this.sample = node.querySelector('[data-rows-sample]');
      this.most = Number(node.dataset.most);
      this.heading = node.dataset.heading.split(' ').filter(Boolean);
      this.next = 1 + Math.max(0, ...this.rows.map((row) => (/^n\d+$/.test(row.dataset.row) ? Number(row.dataset.row.slice(1)) : 0)));
      node.classList.add('live');
      node.querySelector('[data-rows-add]').addEventListener('click', () => this.append());
      node.querySelector('[data-rows-paste]').addEventListener('click', () => this.askForPaste());
      this.body.addEventListener('click', (event) => this.onClick(event));
      this.body.addEventListener('keydown', (event) => this.onKey(event));
      this.body.addEventListener('pointerdown', () => { this.tabbedFrom = null; });
      this.body.addEventListener('paste', (event) => this.onPaste(event));
      this.body.addEventListener('focusin', (event) => {
        if (!this.body.contains(event.relatedTarget)) this.tabbedFrom = null;
        this.open(event.target.closest('tr'));
      });
      this.pair = (node.dataset.pair || '').split(' ').filter(Boolean);
      if (this.pair.length) {
        this.body.addEventListener('input', (event) => this.emptyTwin(event.target));
        node.querySelector('[data-rows-split]').addEventListener('click', () => this.split());
      }
      const suggest = node.querySelector('[data-rows-suggest]');
      if (suggest) suggest.addEventListener('click', () => this.suggest(suggest.dataset.rowsSuggest));
      for (const type of ['input', 'change']) this.body.addEventListener(type, (event) => this.summarize(event.target.closest('tr')));
      this.number();
      this.open(this.rows.find((row) => row.querySelector('.bad')) || (this.rows.length === 1 && this.isBlank(this.rows[0]) ? this.rows[0] : null));
    }

    get rows() { return [...this.body.rows]; }

    isBlank(row) {
      return !row.querySelector('[data-kept]') && cellsOf(row).every((cell) => { const control = controlOf(cell); return !control || control.type === 'checkbox' || !control.value; });
    }

    /** Says what was done, with a way to take it back; for `time` ms, where one is given; a warning where something was `lost`. */
    say(text, { label = '', undo = null, time = 0, lost = [] } = {}) {
      clearTimeout(this.timer);
      const line = el('div', { class: `note ${lost.length ? 'warning' : 'success'}` },
        icon(lost.length ? 'fa-triangle-exclamation' : 'fa-circle-check'), el('div', { class: 'text' }, text));
      if (undo) {
        const button = el('button', { type: 'button', class: 'link' }, label);
        button.addEventListener('click', () => { this.said.replaceChildren(); undo(); });
        line.querySelector('.text').append(button);
      }
      if (lost.length) line.querySelector('.text').append(el('ul', {}, ...lost.map((each) => el('li', {}, each))));
      this.said.replaceChildren(line);
      if (time) this.timer = setTimeout(() => this.said.replaceChildren(), time);
    }

    /** The rows are other ones, or in another order: their numbers, their names, and what follows from them. */
    number() {
      this.rows.forEach((row, index) => {
        const no = String(index + 1);
        row.querySelector('[data-row-no]').textContent = no;
        row.querySelectorAll('[data-row-name]').forEach((name) => { name.textContent = say('rowName', no); });
        for (const [act, word] of [['up', 'rowUp'], ['down', 'rowDown'], ['gone', 'rowGone']]) {
          row.querySelector(`[data-row-${act}]`).setAttribute('aria-label', say(word, no));
        }
        this.summarize(row);
      });
    }

    changed() {
      this.number();
      this.node.dispatchEvent(new Event('change', { bubbles: true }));
    }

    /** What a closed card shows: number, what the row is, its amount, the rest, and what stands against it. */
    summarize(row) {
      if (!row) return;
      const cells = cellsOf(row);
      const word = (name) => { const cell = cells.find((each) => each.dataset.column === name); return cell ? textOf(controlOf(cell)) : ''; };
      const { total } = this.node.dataset;
      const [first, ...rest] = this.heading.filter((name) => name !== total).map(word);
      const error = row.querySelector('td:not(.no) .field-error span:last-child');
      const button = row.querySelector('[data-row-open]');
      button.replaceChildren(
        el('b', {}, `${row.querySelector('[data-row-no]').textContent}  ${first || ''}`), el('span', { class: 'num' }, total ? word(total) : ''),
        el('small', {}, rest.filter(Boolean).join('  ')),
        ...(error ? [el('span', { class: 'field-error' }, icon('fa-circle-exclamation'), error.textContent)] : []),
      );
    }

    open(row) {
      if (!row || row.classList.contains('open')) return;
      this.rows.forEach((other) => {
        other.classList.toggle('open', other === row);
        other.querySelector('[data-row-open]').setAttribute('aria-expanded', String(other === row));
        this.summarize(other);
      });
    }

    made() {
      const row = this.sample.content.firstElementChild.cloneNode(true);
      const key = `n${this.next}`;
      this.next += 1;
      for (const node of [row, ...row.querySelectorAll('*')]) {
        for (const { name, value } of [...node.attributes]) if (value.includes('__key__')) node.setAttribute(name, value.replaceAll('__key__', key));
      }
      return row;
    }

    /** A new last row, unless there are as many as there may be; null then. */
    grow() {
      if (this.rows.length >= this.most) {
        this.say(say('rowsMost', this.most));
        return null;
      }
      const row = this.made();
      this.body.append(row);
      Gis.added(row);
      return row;
    }

    append(column = 0) {
      const row = this.grow();
      if (!row) return;
      this.changed();
      this.focus(row, column);
    }

    focus(row, column) {
      this.open(row);
      const cells = cellsOf(row);
      controlOf(cells[Math.min(column, cells.length - 1)]).focus();
    }

    remove(row, column) {
      const index = this.rows.indexOf(row);
      row.remove();
      if (!this.rows.length) this.grow();
      this.changed();
      const { rows } = this;
      this.focus(rows[Math.min(index, rows.length - 1)], column);
      this.say(say('rowRemoved', index + 1), { label: say('undo'), undo: () => this.restore(row, index, column), time: UNDO });
    }

    restore(row, index, column) {
      const { rows } = this;
      if (rows.length === 1 && this.isBlank(rows[0])) rows[0].remove();
      this.body.insertBefore(row, this.rows[index] || null);
      this.changed();
      this.focus(row, column);
    }

    /** The other row is moved, so that the focus stays where it is. */
    move(row, step) {
      const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other) return;
      if (step < 0) row.after(other);
      else row.before(other);
      this.changed();
      this.say(say('rowMoved', this.rows.indexOf(row) + 1), { time: UNDO });
    }

    onClick(event) {
      const button = event.target.closest('button');
      const row = event.target.closest('tr');
      if (!button) return;
      const { dataset } = button;
      if ('rowOpen' in dataset) {
        if (row.classList.contains('open')) { row.classList.remove('open'); button.setAttribute('aria-expanded', 'false'); } else this.open(row);
      }
      if ('rowUp' in dataset) this.move(row, -1);
      if ('rowDown' in dataset) this.move(row, 1);
      if ('rowGone' in dataset) this.remove(row, 0);
    }

    /** Enter leads down as in a spreadsheet: in the same column, or in that from which one came to it by Tab. */
    below(row, column) {
      const target = this.tabbedFrom ?? column;
      this.tabbedFrom = null;
      if (row.nextElementSibling) this.focus(row.nextElementSibling, target);
      else this.append(target);
    }

    onKey(event) {
      const row = event.target.closest('tr');
      const cell = event.target.closest('td[data-column]');
      const column = cell ? cellsOf(row).indexOf(cell) : 0;
      if (event.altKey && ['ArrowUp', 'ArrowDown'].includes(event.key)) {
        event.preventDefault();
        this.move(row, event.key === 'ArrowUp' ? -1 : 1);
      } else if (event.ctrlKey && event.key === 'Delete') {
        event.preventDefault();
        this.remove(row, column);
      } else if (event.key === 'Enter' && cell && !event.defaultPrevented && event.target.matches('input:not([type=file]), select') && !event.target.closest('[data-picker]')) {
        event.preventDefault();
        this.below(row, column);
      } else if (event.key === 'Tab' && cell) {
        this.tabbedFrom = event.shiftKey ? null : this.tabbedFrom ?? column;
      }
    }

    cellOf(row, name) { return cellsOf(row).find((each) => each.dataset.column === name); }

    /** Of two columns that follow from each other the one that is typed holds; the explanation fills the other. */
    emptyTwin(control) {
      const cell = control.closest('td[data-column]');
      if (!cell || !this.pair.includes(cell.dataset.column) || !document.activeElement.isSameNode(control)) return;
      const twin = this.pair.find((name) => name !== cell.dataset.column);
      controlOf(this.cellOf(cell.closest('tr'), twin)).value = '';
    }

    /** All amounts anew from the shares. */
    split() {
      const [amount, share] = this.pair;
      const shared = this.rows.filter((row) => controlOf(this.cellOf(row, share)).value.trim());
      if (!shared.length) this.say(say('splitNone'));
      for (const row of shared) controlOf(this.cellOf(row, amount)).value = '';
      if (shared.length) this.changed();
    }

    /** What follows from what was typed, by the key of the row; a box that is being typed in is left alone. */
    explained(told) {
      for (const row of this.rows) {
        for (const [name, value] of Object.entries(told[row.dataset.row] || {})) {
          const control = controlOf(this.cellOf(row, name));
          if (control !== document.activeElement) control.value = value;
        }
        this.summarize(row);
      }
    }

    /** The usual rows instead of those that are there, once that is confirmed. */
    async suggest(url) {
      const filled = this.rows.filter((row) => !this.isBlank(row)).length;
      if (filled && !await Gis.ask(say('suggestOver', filled))) return;
      const body = new FormData(form);
      for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
      const found = await Gis.json(url, { method: 'POST', body }).catch(() => ({ rows: [], text: say('suggestFailed') }));
      if (!found.rows.length) { this.say(found.text, { lost: [found.text] }); return; }
      this.body.replaceChildren();
      this.grow();
      this.paste(found.rows.map((row) => row.join('\t')).join('\n'), cellsOf(this.rows[0])[0]);
      this.pasted.then(() => this.say(found.text));
    }

    async askForPaste() {
      const row = this.rows.find((each) => this.isBlank(each)) || this.grow();
      if (!row) return;
      this.changed();
      this.focus(row, 0);
      const text = await (navigator.clipboard && navigator.clipboard.readText ? navigator.clipboard.readText().catch(() => '') : '');
      if (text.trim()) this.paste(text, cellsOf(row)[0]);
      else this.say(say('pasteHere'));
    }

    onPaste(event) {
      const cell = event.target.closest('td[data-column]');
      const text = event.clipboardData ? event.clipboardData.getData('text/plain') : '';
      if (!cell || !text.trim() || (!/[\t\n]/.test(text.trim()) && RowPaste.isTyped(cell))) return;
      event.preventDefault();
      this.paste(text, cell);
    }

    /** One block after the other: what came of the first is told before the second begins. */
    paste(text, cell) {
      this.pasted = (this.pasted || Promise.resolve()).then(() => new RowPaste(this, text, cell).run());
    }
  }

  const form = document.querySelector('form[data-record]');
  const tables = new Map([...document.querySelectorAll('[data-rows]')].map((node) => [node.dataset.rows, new Rows(node)]));

  /** What a link of the card of problems leads to may lie in a card that is closed. */
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    const place = link && document.getElementById(link.hash.slice(1));
    const row = place && place.closest('[data-row]');
    if (row) tables.get(row.closest('[data-rows]').dataset.rows).open(row);
  }, true);

  const half = (text) => text.normalize('NFKC').replace(/[,\s]/g, '');

  /** An amount in fen, of a text in a unit with so many decimals down to it; null where the text is none. */
  function units(text, decimals) {
    const found = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(half(text.slice(0, 40)));
    if (!found || !(found[2] || found[3]) || (found[3] || '').replace(/0+$/, '').length > decimals) return null;
    const whole = BigInt(`${found[2] || 0}${(found[3] || '').slice(0, decimals).padEnd(decimals, '0')}`);
    return found[1] === '-' ? -whole : whole;
  }

  /** 16,129.999999: as amounts are shown, two decimals at least. */
  function shown(amount, decimals) {
    const digits = String(amount < 0n ? -amount : amount).padStart(decimals + 1, '0');
    const [whole, rest] = [digits.slice(0, -decimals), digits.slice(-decimals)];
    const fraction = rest.slice(0, 2) + rest.slice(2).replace(/0+$/, '');
    return `${amount < 0n ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
  }

  /** A difference in fen; one below 100 yuan is said in yuan. */
  const gapText = (gap) => (gap < 10000n ? say('yuan', shown(gap, 2)) : say('wanYuan', shown(gap, 6)));

  class Sum {
    constructor(node, table) {
      this.node = node;
      this.table = table;
      this.decimals = Number(node.dataset.decimals);
    }

    get sum() {
      const { total } = this.table.node.dataset;
      return this.table.rows.reduce((sum, row) => {
        const cell = cellsOf(row).find((each) => each.dataset.column === total);
        return sum + (units(controlOf(cell).value, this.decimals) || 0n);
      }, 0n);
    }

    /** What is missing or too much, and whether that is in order. */
    standing(sum, target) {
      const { reach } = this.node.dataset;
      if (sum < target) return reach === 'at-most' ? [true, say('sumWithin')] : [false, say('sumShort', gapText(target - sum))];
      if (sum === target) return [true, say(reach === 'at-least' ? 'sumReached' : 'sumEven')];
      return reach === 'at-least' ? [true, say('sumReached')] : [false, say('sumOver', gapText(sum - target))];
    }

    show() {
      const { sum } = this;
      const target = units(this.node.dataset.target, this.decimals);
      const part = (name) => this.node.querySelector(name);
      this.node.hidden = target === null && sum === 0n;
      part('[data-sum-of]').textContent = shown(sum, this.decimals);
      const place = part('[data-sum-target]');
      if (place) {
        place.hidden = target === null;
        if (target !== null) place.querySelector('b').textContent = shown(target, this.decimals);
      }
      const tag = part('[data-sum-standing]');
      tag.hidden = target === null;
      if (target === null) return '';
      const [fine, text] = this.standing(sum, target);
      tag.className = `tag ${fine ? 'green' : 'red'}`;
      tag.replaceChildren(icon(fine ? 'fa-circle-check' : 'fa-circle-exclamation'), ` ${text}`);
      return say('sumSaid', shown(sum, this.decimals), this.node.dataset.unit, text);
    }
  }

  const sums = [...document.querySelectorAll('[data-sum]')].map((node) => new Sum(node, tables.get(node.dataset.sum)));
  const errors = document.querySelector('[data-sum-errors]');
  const aloud = document.querySelector('[data-sum-aloud]');
  let told = '';
  let timer = 0;

  /** The sums are shown at once, and told aloud once typing rests. */
  function reckon() {
    const words = sums.map((each) => each.show()).filter(Boolean).join(' ');
    const count = form.querySelectorAll('.field.bad').length;
    errors.hidden = !count;
    errors.textContent = count ? say('errorsLeft', count) : '';
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (words === told) return;
      told = words;
      aloud.textContent = words;
    }, 1000);
  }

  form.addEventListener('input', reckon);
  form.addEventListener('change', reckon);
  form.addEventListener('submit', () => setTimeout(() => {
    tables.forEach((table) => table.rows.forEach((row) => table.summarize(row)));
    reckon();
  }));
  form.addEventListener('rows', ({ detail }) => {
    for (const [name, told] of Object.entries(detail)) if (tables.has(name)) tables.get(name).explained(told);
  });
  form.addEventListener('targets', ({ detail }) => {
    for (const { node } of sums) node.dataset.target = detail[node.dataset.sum] || '';
    reckon();
  });
  reckon();
  told = sums.map((each) => each.show()).filter(Boolean).join(' ');
})();
