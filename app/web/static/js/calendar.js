// Calendar for boxes that take yyyy-mm-dd (data-date="date") or yyyy-mm ("month"); touch screens use their own.
'use strict';

(() => {
  const { say, el, icon } = Gis;
  const two = (number) => String(number).padStart(2, '0');
  const textOf = (day) => `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  const dayOf = (text) => {
    const found = /^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?$/.exec(text.trim());
    return found ? new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3] || 1)) : null;
  };
  let open = null;

  /** The calendar of one box: `view` is days or months, `cursor` the day that holds the focus. */
  class Calendar {
    constructor(box, button) {
      this.box = box;
      this.button = button;
      this.kind = box.dataset.date;
      this.view = this.kind === 'month' ? 'months' : 'days';
      this.cursor = dayOf(box.value) || new Date();
      this.node = el('div', { class: 'calendar', role: 'dialog', 'aria-modal': 'false', 'aria-label': say('calendar') });
      this.node.addEventListener('keydown', (event) => this.onKey(event));
      (box.closest('dialog') || document.body).append(this.node);
      this.draw();
      this.place();
      this.focusCursor();
    }

    place() {
      const at = this.box.getBoundingClientRect();
      const height = this.node.offsetHeight;
      const below = at.bottom + height + 8 < window.innerHeight || at.top < height + 8;
      this.node.style.top = `${window.scrollY + (below ? at.bottom + 4 : at.top - height - 4)}px`;
      this.node.style.left = `${Math.max(8, Math.min(window.scrollX + at.left, window.innerWidth - this.node.offsetWidth - 8))}px`;
    }

    step(name, glyph, months) {
      const button = el('button', { type: 'button', class: 'icon-btn', 'aria-label': say(name) }, icon(glyph));
      button.addEventListener('click', () => this.move(0, months));
      return button;
    }

    heading() {
      const months = this.view === 'months';
      const text = months ? say('yearTitle', this.cursor.getFullYear()) : say('monthTitle', this.cursor.getFullYear(), this.cursor.getMonth() + 1);
      const title = el(months ? 'span' : 'button', { type: months ? null : 'button', class: 'title', 'aria-live': 'polite' }, text);
      if (!months) title.addEventListener('click', () => { this.view = 'months'; this.draw(); this.focusCursor(); });
      const before = [this.step('previousYear', 'fa-angles-left', -12)];
      const after = [this.step('nextYear', 'fa-angles-right', 12)];
      if (!months) {
        before.push(this.step('previousMonth', 'fa-angle-left', -1));
        after.unshift(this.step('nextMonth', 'fa-angle-right', 1));
      }
      return el('div', { class: 'calendar-head' }, el('span', {}, ...before), title, el('span', {}, ...after));
    }

    cell(text, label, chosen, atCursor, classes, take) {
      const button = el('button', { type: 'button', class: classes, tabindex: atCursor ? '0' : '-1', 'aria-label': label, 'aria-pressed': String(chosen) }, text);
      if (atCursor) button.dataset.cursor = '';
      button.addEventListener('click', take);
      return el('td', {}, button);
    }

    days() {
      const first = new Date(this.cursor.getFullYear(), this.cursor.getMonth(), 1);
      const today = textOf(new Date());
      const rows = [];
      for (let week = 0; week < 6; week += 1) {
        const row = el('tr');
        for (let weekday = 0; weekday < 7; weekday += 1) {
          const day = new Date(first.getFullYear(), first.getMonth(), 1 - first.getDay() + week * 7 + weekday);
          const text = textOf(day);
          const chosen = text === this.box.value;
          const classes = [day.getMonth() === first.getMonth() ? '' : 'other', text === today ? 'today' : '', chosen ? 'chosen' : ''].join(' ').trim();
          row.append(this.cell(String(day.getDate()), text, chosen, text === textOf(this.cursor), classes, () => this.take(day)));
        }
        rows.push(row);
      }
      const head = el('tr', {}, ...say('weekdays').split(' ').map((name) => el('th', { scope: 'col' }, name)));
      return el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows));
    }

    months() {
      const rows = [0, 1, 2, 3].map((line) => el('tr', {}, ...[0, 1, 2].map((column) => {
        const month = line * 3 + column;
        const day = new Date(this.cursor.getFullYear(), month, 1);
        const chosen = textOf(day).slice(0, 7) === this.box.value.slice(0, 7);
        return this.cell(say('monthName', month + 1), textOf(day).slice(0, 7), chosen, month === this.cursor.getMonth(), chosen ? 'chosen' : '', () => {
          if (this.kind === 'month') { this.take(day); return; }
          this.cursor = day;
          this.view = 'days';
          this.draw();
          this.focusCursor();
        });
      })));
      return el('table', {}, el('tbody', {}, ...rows));
    }

    foot() {
      const clear = el('button', { type: 'button', class: 'link' }, say('clear'));
      clear.addEventListener('click', () => this.take(null));
      const now = el('button', { type: 'button', class: 'link' }, say(this.kind === 'month' ? 'thisMonth' : 'today'));
      now.addEventListener('click', () => this.take(new Date()));
      return el('div', { class: 'calendar-foot' }, clear, now);
    }

    draw() {
      this.node.classList.toggle('months', this.view === 'months');
      this.node.replaceChildren(this.heading(), this.view === 'months' ? this.months() : this.days(), this.foot());
    }

    focusCursor() {
      this.node.querySelector('[data-cursor]').focus();
    }

    move(days, months) {
      const { cursor } = this;
      const last = new Date(cursor.getFullYear(), cursor.getMonth() + months + 1, 0).getDate();
      this.cursor = new Date(cursor.getFullYear(), cursor.getMonth() + months, Math.min(cursor.getDate(), last) + days);
      const held = document.activeElement.closest('.calendar-head') ? document.activeElement.getAttribute('aria-label') : '';
      this.draw();
      const again = held && this.node.querySelector(`[aria-label="${CSS.escape(held)}"]`);
      if (again) again.focus();
      else this.focusCursor();
    }

    onKey(event) {
      if (event.key === 'Escape') { event.stopPropagation(); event.preventDefault(); this.close(true); return; }
      if (!event.target.matches('td button')) return;
      const months = this.view === 'months';
      const steps = {
        ArrowLeft: months ? [0, -1] : [-1, 0], ArrowRight: months ? [0, 1] : [1, 0], ArrowUp: months ? [0, -3] : [-7, 0],
        ArrowDown: months ? [0, 3] : [7, 0], PageUp: [0, months ? -12 : -1], PageDown: [0, months ? 12 : 1],
      };
      if (!steps[event.key]) return;
      event.preventDefault();
      this.move(...steps[event.key]);
    }

    take(day) {
      this.box.value = day ? textOf(day).slice(0, this.kind === 'month' ? 7 : 10) : '';
      this.close(true);
      this.box.dispatchEvent(new Event('input', { bubbles: true }));
      this.box.dispatchEvent(new Event('change', { bubbles: true }));
    }

    close(back) {
      this.node.remove();
      open = null;
      if (back) this.button.focus();
    }
  }

  const touch = window.matchMedia('(pointer: coarse)').matches;
  Gis.dress('[data-calendar]', (button) => {
    const box = document.getElementById(button.dataset.calendar);
    if (touch) {
      box.type = box.dataset.date;
      box.closest('.date').classList.add('native');
      return;
    }
    button.addEventListener('click', () => {
      const same = open && open.box === box;
      if (open) open.close(same);
      if (!same) open = new Calendar(box, button);
    });
  });
  document.addEventListener('mousedown', (event) => {
    if (open && !open.node.contains(event.target) && !event.target.closest('[data-calendar]')) open.close(false);
  });
  window.addEventListener('resize', () => { if (open) open.close(false); });
})();
