// Lists what this browser keeps of quizzes and predictions, and hands it all to its owner as a file.
(() => {
  const kept = kind => {
    const found = {};
    const prefix = `coursekit:${kind}:`;
    try {
      for (const key of Object.keys(localStorage).sort()) {
        if (key.startsWith(prefix)) found[key.slice(prefix.length)] = JSON.parse(localStorage.getItem(key));
      }
    } catch { /* storage is off, or holds something that is not ours */ }
    return found;
  };
  const list = (heading, lines) => {
    if (!lines.length) return [];
    const title = document.createElement('p');
    title.textContent = heading;
    const items = document.createElement('ul');
    items.append(...lines.map(line => Object.assign(document.createElement('li'), { textContent: line })));
    return [title, items];
  };
  const plain = text => text.replace(/`|\*\*/g, '');  // what forms.inline() makes tags of
  const score = quiz => {
    const answers = Object.values(quiz.answers ?? {});
    return `${quiz.title}: ${answers.filter(a => a.right).length} of ${quiz.questions} right, ${answers.length} answered`;
  };

  for (const box of document.querySelectorAll('.ck-box[data-kind=progress]:not([data-ready])')) {
    box.dataset.ready = '';
    box.querySelector('.ck-idle').remove();
    const browser = box.querySelector('.ck-browser');
    const tell = () => {
      const lines = [
        ...list('Quizzes in this browser:', Object.values(kept('quiz')).filter(quiz => quiz.answers).map(score)),
        ...list('Predictions in this browser:', Object.values(kept('prediction')).map(p => `${plain(p.question)} → ${p.choice}`)),
      ];
      if (!lines.length) lines.push('No quiz or prediction answered in this browser yet.');
      browser.replaceChildren(...lines);
    };
    tell();
    window.addEventListener('coursekit:kept', tell);  // forms.js says so after each answer
    const button = box.querySelector('.ck-download');
    button.disabled = false;
    button.addEventListener('click', () => {
      const all = { ...JSON.parse(browser.dataset.saved), browser: { quizzes: kept('quiz'), predictions: kept('prediction') } };
      const file = new Blob([JSON.stringify(all, null, 2)], { type: 'application/json' });
      const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: 'coursekit-answers.json' });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
})();
