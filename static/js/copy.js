// <button data-copy="id of a field or of any element">: put its text on the clipboard and say so.
function textOf(element) {
  return "value" in element ? element.value : element.textContent
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy)
  try {
    await navigator.clipboard.writeText(textOf(source))
    say(button, "Copied")
  } catch {
    // Without permission, or on a page without TLS: what is selected can be copied by hand.
    select(source)
    say(button, "Press Ctrl+C")
  }
}

function select(source) {
  if ("select" in source) return source.select()
  getSelection().selectAllChildren(source)
}

function say(button, words) {
  const label = button.querySelector("[data-label]")
  button.dataset.copied = ""
  label.dataset.before ??= label.textContent
  label.textContent = words
  clearTimeout(button.timer)
  button.timer = setTimeout(() => {
    delete button.dataset.copied
    label.textContent = label.dataset.before
  }, 2000)
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]")
  if (button) copy(button)
})
