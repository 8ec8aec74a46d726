// Starts the dashboard: the language first, then the page.
import { html, render } from "./view.js";
import { startLanguage } from "./language.js";
import { startTheme } from "./theme.js";
import { App } from "./app.js";

startTheme();
await startLanguage();
const root = document.getElementById("app");
root.textContent = "";
render(html`<${App} />`, root);
