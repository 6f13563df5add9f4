// Passkey ceremonies: register, login, sign. A form says where to begin and where to finish:
//   <form data-passkey="register|login|sign" data-start="/…" data-finish="/…">
// start  <- the form's fields as JSON        -> { ceremony, options: { publicKey } } or { error }
// finish <- { …fields, ceremony, credential } -> { location } or { error }
// `error` is a sentence for the reader. The token goes in a header, not in the body.

const post = async (url, token, body) => {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      "x-form-token": token,
    },
    body: JSON.stringify(body),
  });
  return answer.json();
};

const ceremony = (kind, { publicKey }) =>
  kind === "register"
    ? navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey),
      })
    : navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey),
      });

// Which of the form's own sentences fits an exception.
const reason = (error) => {
  if (error instanceof TypeError || error instanceof SyntaxError) return "network";
  if (error?.name === "NotAllowedError" || error?.name === "AbortError") return "cancelled";
  if (error?.name === "InvalidStateError") return "exists";
  return "failed";
};

const fieldsOf = (form) => {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || name === "form_token") continue;
    fields[name] = name in fields ? [fields[name], value].flat() : value;
  }
  return fields;
};

const run = async (form, say) => {
  const { passkey, start, finish } = form.dataset;
  const token = form.elements.form_token?.value ?? "";
  const fields = fieldsOf(form);
  const begun = await post(start, token, fields);
  if (begun.error) return say(begun.error);
  let credential;
  try {
    credential = await ceremony(passkey, begun.options);
  } catch (error) {
    // Here a TypeError is a browser that cannot read the options, not a lost network.
    return say(form.dataset[error instanceof TypeError ? "failed" : reason(error)]);
  }
  const ended = await post(finish, token, {
    ...fields,
    ceremony: begun.ceremony,
    credential: credential.toJSON(),
  });
  if (ended.location) location.assign(ended.location);
  else say(ended.error || form.dataset.failed);
};

const able =
  window.PublicKeyCredential?.parseCreationOptionsFromJSON &&
  window.PublicKeyCredential?.parseRequestOptionsFromJSON;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const says = form.querySelector("[data-passkey-says]");
  const button = form.querySelector("button:not([type=button])");
  const say = (sentence) => {
    says.textContent = sentence;
  };
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    if (!able) return say(form.dataset.unsupported);
    busy = true;
    button?.setAttribute("aria-disabled", "true");
    say("");
    try {
      await run(form, say);
    } catch (error) {
      say(form.dataset[reason(error)]);
    }
    busy = false;
    button?.removeAttribute("aria-disabled");
  });
}
