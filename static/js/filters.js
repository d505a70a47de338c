// <form data-submit-on-change>: a choice takes effect at once; its button stays for those without scripts.
document.addEventListener("change", (event) => {
  event.target.closest("form[data-submit-on-change]")?.requestSubmit()
})

// A part that htmx renews keeps its opened <details id>.
let opened = []

document.addEventListener("htmx:beforeSwap", (event) => {
  opened = [...event.detail.target.querySelectorAll("details[id][open]")].map((each) => each.id)
})

document.addEventListener("htmx:afterSettle", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "")
})
