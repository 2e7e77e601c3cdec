// Marks answers, says what each one means and keeps them in this browser. No kernel, no network.
(() => {
  const read = key => { try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; } };
  const write = (key, value) => {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* storage is off: answers last as long as the page */ }
    window.dispatchEvent(new Event('coursekit:kept'));  // the panel of ck.progress() listens
  };
  const say = (form, verdict, html = '') => {
    const said = form.querySelector('.ck-said');
    said.dataset.verdict = verdict;
    said.innerHTML = html;
  };
  const given = form => form.elements.answer.value;  // the ticked radio button's, or the number's

  function matches(form, note) {
    if (form.dataset.tolerance === undefined) return given(form) === note.dataset.answer;
    const answer = Number(note.dataset.answer);
    const rounding = 1e-12 * Math.abs(answer);  // 0.3 typed is not 0.1 + 0.2 computed
    return Math.abs(Number(given(form)) - answer) <= Number(form.dataset.tolerance) + rounding;
  }

  // Returns whether the answer is right; null if there is none yet.
  function mark(form) {
    const numeric = form.dataset.tolerance !== undefined;
    if (given(form) === '') {
      say(form, 'none', numeric ? 'Type a number first.' : 'Choose an answer first.');
      return null;
    }
    const note = [...form.querySelectorAll('.ck-note')].find(candidate => matches(form, candidate));
    const right = note?.hasAttribute('data-right') ?? false;
    const text = note?.dataset.note ?? 'Compute it in a cell and try again.';  // HTML, escaped where it was made
    say(form, right ? 'right' : 'wrong', `${right ? '✓ Right.' : '✗ Not this.'} ${text}`);
    return right;
  }

  function quiz(box, key) {
    const forms = [...box.querySelectorAll('.ck-ask')];
    const tell = () => {
      const right = forms.filter(form => form.querySelector('.ck-said').dataset.verdict === 'right').length;
      box.querySelector('.ck-score').textContent = `${right} of ${forms.length} right so far.`;
    };
    for (const form of forms) {
      const before = read(key).answers?.[form.dataset.id];
      if (before) form.elements.answer.value = before.given;
      if (given(form) !== '') mark(form);
      form.addEventListener('input', () => say(form, 'none'));
      form.addEventListener('submit', event => {
        event.preventDefault();
        const right = mark(form);
        tell();
        if (right === null) return;
        const answers = { ...read(key).answers, [form.dataset.id]: { given: given(form), right } };
        write(key, { title: box.dataset.title, questions: forms.length, answers });
      });
    }
    tell();
    box.querySelector('.ck-again').addEventListener('click', () => {
      write(key, {});
      for (const form of forms) { form.reset(); say(form, 'none'); }
      tell();
      forms[0].querySelector('input').focus();
    });
  }

  function prediction(box, key) {
    const form = box.querySelector('.ck-ask');
    const noted = () => {
      say(form, 'noted', 'Noted. Run on and compare.');
      write(key, { question: box.dataset.title, choice: given(form) });
    };
    const typed = given(form) !== '';  // in the cell, with mine=
    if (!typed) form.elements.answer.value = read(key).choice ?? '';
    if (given(form) !== '') noted();
    form.addEventListener('input', noted);
    form.addEventListener('submit', event => event.preventDefault());
  }

  // JupyterLab takes arrows and letters for its own commands unless the element in focus says that it wants them, and
  // it keeps Enter from reaching forms. It listens on the document; this comes first. Keys with a modifier (Ctrl+S,
  // Shift+Enter) stay JupyterLab's.
  function key(event) {
    if (!event.target.closest?.('.ck-box')) return;
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    event.target.toggleAttribute('data-lm-suppress-shortcuts', plain);
    if (plain && event.key === 'Enter' && event.target.matches('input')) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  }
  if (!window.coursekitKeys) {
    window.coursekitKeys = true;
    window.addEventListener('keydown', key, true);
  }

  for (const box of document.querySelectorAll('.ck-box:not([data-ready])')) {
    const start = { quiz, prediction }[box.dataset.kind];
    if (!start) continue;
    box.dataset.ready = '';
    box.querySelector('.ck-idle').remove();
    for (const button of box.querySelectorAll('button')) button.disabled = false;
    start(box, `coursekit:${box.dataset.kind}:${box.dataset.name}`);
  }
})();
