// A body or another document, to be read and copied.
import { html } from "../view.js";
import { t } from "../language.js";
import { pretty } from "../format.js";
import { announce } from "./announcer.js";

export function Code({ label, value, redacted }) {
	const text = pretty(value);
	const copy = () => navigator.clipboard?.writeText(text).then(() => announce(t("copied")));
	let content = html`<p class="empty">${t(redacted ? "code.redacted" : "code.none")}</p>`;
	// A box that scrolls must be reachable with the keyboard.
	if (text) content = html`<pre tabindex="0" role="region" aria-label=${label}><code>${text}</code></pre>`;
	return html`
		<figure class="code">
			<figcaption>${label}${text && html`<button type="button" class="small outline secondary" onClick=${copy}>${t("copy")}<span class="unseen"> ${label}</span></button>`}</figcaption>
			${content}
		</figure>`;
}
