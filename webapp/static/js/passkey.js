// The ceremony of a passkey: the options of the server go to the browser, what the browser answers goes into the form.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const described = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

for (const form of document.querySelectorAll("[data-passkey]")) {
  const status = form.querySelector("[data-passkey-status]");
  const start = form.querySelector("[data-passkey-start]");
  if (!window.PublicKeyCredential) {
    status.textContent = status.dataset.unsupported;
    start.disabled = true;
    continue;
  }
  status.textContent = "";
  start.addEventListener("click", async () => {
    status.textContent = status.dataset.waiting;
    try {
      const answer = await perform(form.dataset.passkey, JSON.parse(form.dataset.options));
      form.querySelector("[name=credential]").value = JSON.stringify(answer);
      form.submit();
    } catch {
      status.textContent = status.dataset.failed; // refused, timed out or interrupted: the browser does not say which
    }
  });
  start.click();
}

async function perform(ceremony, options) {
  const { extensions, ...rest } = options;
  const publicKey = { ...rest, challenge: bytes(options.challenge) };
  if (ceremony === "create") {
    publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = described(options.excludeCredentials);
    publicKey.extensions = extensions;
    return registered(await navigator.credentials.create({ publicKey }));
  }
  publicKey.allowCredentials = described(options.allowCredentials);
  return used(await navigator.credentials.get({ publicKey }));
}

function registered(credential) {
  const { response } = credential;
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: {
      attestationObject: text(response.attestationObject),
      clientDataJSON: text(response.clientDataJSON),
      transports: response.getTransports?.() ?? [],
    },
    extensions: JSON.stringify(credential.getClientExtensionResults()),
  };
}

function used(credential) {
  const { response } = credential;
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}
