// What went wrong, and what it means. The page says it in its own words, by the
// status; what the gateway said of this case stands behind it.
import { html } from "../view.js";
import { t } from "../language.js";
import { English } from "./english.js";

// Trouble: brief leaves out what the gateway said, where the form says it.
export function Trouble({ problem, again, brief }) {
	if (!problem) return null;
	const explained = problem.explain?.() ?? "";
	const told = problem.status > 0 && !brief ? problem.message : "";
	return html`
		<div class="trouble" role="alert">
			<p><strong>${problem.heading?.() ?? problem.message}</strong></p>
			${explained && !brief && html`<p>${explained}</p>`}
			${told && html`<p class="quiet"><${English}>${told}<//></p>`}
			${again && html`<button type="button" class="small outline" onClick=${again}>${t("again")}</button>`}
		</div>`;
}
