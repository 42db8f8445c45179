// A block from Excel in the rows of a form: what fits fills its box, what does not is told at its box and over the rows.
'use strict';

const RowPaste = (() => {
  const { say } = Gis;
  const LONGEST = 200000;
  const MOST_TOLD = 20;
  const controlOf = (cell) => cell.querySelector('.box, select, input:not([type=hidden])');
  const cellsOf = (row) => [...row.querySelectorAll('td[data-column]')];
  const fieldOf = (cell) => cell.querySelector('.field');
  const labelOf = (cell) => fieldOf(cell).dataset.label;
  const pickerOf = (cell) => cell.querySelector('[data-picker]');

  /** The rows and cells of a block as Excel puts it into the clipboard: tabs between, quotes around what has line breaks. */
  function blockOf(text) {
    const block = [['']];
    let quoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const line = block[block.length - 1];
      const sign = text[at];
      if (quoted && sign === '"' && text[at + 1] === '"') { line[line.length - 1] += '"'; at += 1; }
      else if (sign === '"' && (quoted || !line[line.length - 1])) quoted = !quoted;
      else if (sign === '\t' && !quoted) line.push('');
      else if (sign === '\n' && !quoted) block.push(['']);
      else if (sign !== '\r') line[line.length - 1] += sign;
    }
    while (block.length > 1 && block[block.length - 1].every((cell) => !cell.trim())) block.pop();
    return block;
  }

  /** The control of a cell that takes a text or a choice; none where something is picked, uploaded or locked. */
  function typed(cell) {
    const control = cell.querySelector('select') || controlOf(cell);
    return !control || control.readOnly || control.disabled || ['file', 'checkbox'].includes(control.type) ? null : control;
  }

  /** Whether a word is typed there as it is, for nothing has to be found by it. */
  const isTyped = (cell) => Boolean(typed(cell)) && typed(cell).tagName !== 'SELECT';

  /** What stands in the cell, to be put back; null where no paste can put anything. */
  function heldIn(cell) {
    const picker = pickerOf(cell);
    if (picker) return { key: picker.querySelector('input[type=hidden]').value, label: picker.querySelector('.box').value };
    return typed(cell) ? typed(cell).value : null;
  }

  function put(cell, value) {
    const picker = pickerOf(cell);
    if (picker) {
      picker.querySelector('input[type=hidden]').value = value.key;
      picker.querySelector('.box').value = value.label;
    } else typed(cell).value = value;
    Gis.changed(picker ? picker.querySelector('.box') : typed(cell));
  }

  /** A block that was copied with the heads of its columns is pasted without them; over what is picked, any word is a head. */
  function withoutHead(block, cells) {
    const bare = (text) => text.split(/[(（]/)[0].trim();
    const isHead = (word) => cells.some((cell) => bare(labelOf(cell)) === bare(word));
    const fits = (word, index) => !word.trim() || isHead(word) || (cells[index] && pickerOf(cells[index]));
    return block.length > 1 && block[0].some(isHead) && block[0].every(fits) ? block.slice(1) : block;
  }

  return class {
    static controlOf = controlOf;

    static cellsOf = cellsOf;

    static isTyped = isTyped;

    constructor(table, text, cell) {
      const row = cell.closest('tr');
      this.table = table;
      this.start = table.rows.indexOf(row);
      this.column = cellsOf(row).indexOf(cell);
      this.block = withoutHead(blockOf(text.slice(0, LONGEST)), cellsOf(row).slice(this.column));
      this.before = table.rows.map((each) => [each, cellsOf(each).map(heldIn)]);
      this.lookups = new Map();
    }

    /** Fills right and down from its cell, and says what came of it. */
    async run() {
      const { table, block, start, column } = this;
      if (start < 0) return;
      const coming = [];
      let done = 0;
      for (const line of block) {
        const row = table.rows[start + done] || (table.rows.length < table.most ? table.grow() : null);
        if (!row) break;
        coming.push(...line.map((word, index) => this.fill(row, cellsOf(row)[column + index], word.trim())));
        done += 1;
      }
      table.changed();
      table.focus(table.rows[start], column);
      if (this.lookups.size) table.say(say('pasting'));
      const lost = (await Promise.all(coming)).filter(Boolean);
      table.changed();
      this.tell(done, lost);
    }

    tell(done, lost) {
      const { table, block } = this;
      const told = lost.slice(0, MOST_TOLD);
      if (lost.length > told.length) told.push(say('pastedMore', lost.length - told.length));
      if (block.length > done) told.push(say('pastedOver', table.most, block.length - done));
      const text = say('pasted', done) + (lost.length ? say('pastedLost', lost.length) : '');
      table.say(text, { label: say('undoPaste'), undo: () => this.undo(), lost: told });
    }

    undo() {
      const { table } = this;
      table.body.replaceChildren(...this.before.map(([row]) => row));
      for (const [row, held] of this.before) {
        cellsOf(row).forEach((cell, index) => { if (held[index] !== null) put(cell, held[index]); });
      }
      table.changed();
      table.focus(table.rows[this.start], this.column);
    }

    /** Fills the cell, at once or once its choice is found; gives what to tell where the word is lost. */
    async fill(row, cell, word) {
      const text = cell ? await this.fillIn(cell, word) : word && say('pastedBeyond', word);
      if (!text) return '';
      if (cell) fieldOf(cell).dispatchEvent(new CustomEvent('problem', { bubbles: true, detail: text }));
      return say('rowProblem', this.table.rows.indexOf(row) + 1, text);
    }

    fillIn(cell, word) {
      if (pickerOf(cell)) return this.pick(cell, word);
      const control = typed(cell);
      if (!control) return word && say('pastedLocked', labelOf(cell), word);
      const option = control.tagName === 'SELECT' && [...control.options].find((each) => each.value && [each.text.trim(), each.value].includes(word));
      put(cell, control.tagName === 'SELECT' ? (option ? option.value : '') : word);
      return option === undefined && word ? say('pastedUnfit', labelOf(cell), word) : '';
    }

    /** The one row that the word names, of those that the person may choose. */
    async pick(cell, word) {
      put(cell, { key: '', label: '' });
      if (!word) return '';
      try {
        const { rows } = await this.named(pickerOf(cell).dataset.picker, word);
        if (rows.length === 1) put(cell, rows[0]);
        return rows.length === 1 ? '' : say(rows.length ? 'pastedTwice' : 'pastedUnfit', labelOf(cell), word);
      } catch (error) {
        return say('pastedFailed', labelOf(cell), word);
      }
    }

    named(picker, word) {
      const url = new URL(picker, window.location.href);
      url.searchParams.set('named', word);
      if (!this.lookups.has(url.href)) this.lookups.set(url.href, Gis.json(url));
      return this.lookups.get(url.href);
    }
  };
})();
