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

  async function knownPage(signal) {
    asked = Date.now();
    const answer = await fetch(form.dataset.known, { cache: 'no-store', signal });
    return new DOMParser().parseFromString(await answer.text(), 'text/html');
  }

  /** Tells `then` whether the server still knows this person, whose tokens are renewed then. */
  function renew(page, then) {
    const token = page.querySelector('input[name=csrf_token]');
    const known = page.body.dataset.user === user && token !== null;
    if (known) {
      document.querySelectorAll('input[name=csrf_token]').forEach((input) => { input.value = token.value; });
      met = Date.now();
    }
    then(known);
  }

  /** No line: the browser says so when the form is sent. */
  function carryOn(error, then) {
    met = Date.now();
    then(true);
  }

  const meet = Gis.asker({ ask: knownPage, use: renew, fail: carryOn });

  /** The press counts for the form as it stood: what has been typed since is sent only if the person says so. */
  function sendWhenKnown(button) {
    let typed = false;
    form.addEventListener('input', () => { typed = true; }, { once: true });
    meet(async (known) => {
      if (!known) {
        if (await Gis.ask(Gis.say('signInAgain'))) window.open(form.dataset.signIn, '_blank', 'noopener');
      } else if (!typed || await Gis.ask(Gis.say('typedSince'))) form.requestSubmit(button);
    });
  }

  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented || Date.now() - met < young) return;
    event.preventDefault();
    event.stopPropagation();
    sendWhenKnown(event.submitter);
  });
  form.addEventListener('input', () => { if (Date.now() - asked > 2 * young) meet(() => {}); });
})();
