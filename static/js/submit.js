// <form data-submit-at-once>: do what its button does, which stays for those without scripts.
document.querySelector("form[data-submit-at-once]")?.requestSubmit()

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target
  if (form.dataset.sent !== undefined && !form.hasAttribute("hx-post")) event.preventDefault()
  else form.dataset.sent = ""
})

// The browser's "back" may show the sent form again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent
})
