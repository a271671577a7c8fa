// Passkeys: shows what needs a script, starts allauth's part, and says in the page when it failed.
const webauthn = window.allauth?.webauthn?.forms;
const form = document.querySelector("[data-passkey]");

function show(what) {
  for (const note of document.querySelectorAll("[data-passkey-failed], [data-passkey-address]")) {
    note.hidden = !note.matches(what);
  }
}

if (form && webauthn && window.PublicKeyCredential) {
  form.hidden = false;
  for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = true;
  const button = "passkey-button";
  webauthn[form.dataset.passkey]({
    ids: {
      login: button,
      authenticate: button,
      add: button,
      credential: form.elements.credential.id,
      passwordless: form.elements.passwordless?.id,
      data: document.getElementById("js_data") ? "js_data" : undefined,
    },
  });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const number = /^[\d.]+$|^\[/.test(window.location.hostname);
    show(number ? "[data-passkey-address]" : "[data-passkey-failed]");
  });
}
