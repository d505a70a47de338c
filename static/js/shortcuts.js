// "g" and then a letter goes to the link with data-shortcut="letter"; "/" goes to the search field.
let awaited = 0

function isTyping(element) {
  return element.closest("input, textarea, select, [contenteditable]")
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === "g") {
    awaited = Date.now() + 1500
  } else if (event.key === "/") {
    const search = document.querySelector("input[type=search]")
    if (search) {
      event.preventDefault()
      search.focus()
    }
  } else if (Date.now() < awaited) {
    awaited = 0
    document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`)?.click()
  }
})
