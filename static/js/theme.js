// Before the first paint: say that scripts run, and take the theme that was chosen here earlier.
const root = document.documentElement
root.dataset.scripted = ""

function chosenTheme() {
  try {
    return localStorage.getItem("theme")
  } catch {
    return null // A browser may forbid storage; the system's theme then stands.
  }
}

function keepTheme(theme) {
  try {
    localStorage.setItem("theme", theme)
  } catch {
    // It holds for this page.
  }
}

function shownTheme() {
  return root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")
}

if (chosenTheme()) root.dataset.theme = chosenTheme()

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-switch-theme]")) return
  root.dataset.theme = shownTheme() === "dark" ? "light" : "dark"
  keepTheme(root.dataset.theme)
})
