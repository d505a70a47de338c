// <a href="/the/page/that/asks/" data-dialog="id">: ask in the dialog of this page instead.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]")
  const dialog = opener && document.getElementById(opener.dataset.dialog)
  if (dialog) {
    event.preventDefault()
    dialog.showModal()
  } else if (event.target.closest("[data-close-dialog]")) {
    event.target.closest("dialog")?.close()
  }
})
