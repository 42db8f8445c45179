// Form page: a form that stood open for long may have outlived its session. Before it is sent the server is asked;
// whoever has to sign in again does so in another tab, and nothing that was typed or chosen here is lost.
'use strict';

(() => {
  const form = document.querySelector('form[data-record]');
  const { user } = document.body.dataset;
  if (!form || !user) return;
  const young = 5 * 60 * 1000;
  let met = Date.now();
  let asked = met;

  /** Whether the server still knows this person, whose tokens are renewed then; it decides itself when it cannot be asked. */
  async function known() {
    asked = Date.now();
    try {
      const answer = await fetch(form.dataset.known, { cache: 'no-store' });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const token = page.querySelector('input[name=csrf_token]');
      if (page.body.dataset.user !== user || !token) return false;
      document.querySelectorAll('input[name=csrf_token]').forEach((input) => { input.value = token.value; });
    } catch (error) { /* no line: the browser says so when the form is sent */ }
    met = Date.now();
    return true;
  }

  async function sendWhenKnown(button) {
    if (await known()) {
      form.requestSubmit(button);
      return;
    }
    if (await Gis.ask(Gis.say('signInAgain'))) window.open(form.dataset.signIn, '_blank', 'noopener');
  }

  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented || Date.now() - met < young) return;
    event.preventDefault();
    event.stopPropagation();
    sendWhenKnown(event.submitter);
  });
  form.addEventListener('input', () => { if (Date.now() - asked > 2 * young) known(); });
})();
