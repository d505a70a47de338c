// <form data-submit-at-once>: do what its button does, which stays for those without scripts.
document.querySelector("form[data-submit-at-once]")?.requestSubmit()

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target
  if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return
  if (form.dataset.sent !== undefined) event.preventDefault()
  else form.dataset.sent = ""
})

// The browser's "back" may show the sent form again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent
})
