// What went wrong, and what it means.
import { html } from "../view.js";
import { t } from "../language.js";

export function Trouble({ problem, again }) {
	if (!problem) return null;
	const explained = problem.explain?.() ?? "";
	return html`
		<div class="trouble" role="alert">
			<p><strong>${problem.message}</strong></p>
			${explained && explained !== problem.message && html`<p>${explained}</p>`}
			${again && html`<button type="button" class="small outline" onClick=${again}>${t("again")}</button>`}
		</div>`;
}
