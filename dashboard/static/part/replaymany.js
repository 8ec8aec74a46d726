// Asking the gateway to send dead letters again by a filter, at a rate that the
// receiver can take.
import { html, useState } from "../view.js";
import { t } from "../language.js";
import { post } from "../api.js";
import { instant } from "../format.js";
import { Dialog } from "./dialog.js";
import { English } from "./english.js";
import { Trouble } from "./trouble.js";
import { WebhookChoice } from "./webhookchoice.js";

export function ReplayMany({ webhooks, webhook, onClose, onStarted }) {
	const [form, set] = useState({ webhook, type: "", after: "", before: "", rate: 10, limit: 1000 });
	const [problem, setProblem] = useState(null);
	const field = (name) => ({ value: form[name], onInput: (e) => set({ ...form, [name]: e.target.value }) });
	const start = async () => {
		try {
			onStarted(await post("dead-letters/replay", {
				webhook: form.webhook || undefined, type: form.type || undefined,
				after: instant(form.after), before: instant(form.before),
				rate: Number(form.rate), limit: Number(form.limit),
			}));
		} catch (refusal) {
			setProblem(refusal);
		}
	};
	return html`
		<${Dialog} title=${t("dead.many")} onClose=${onClose} actions=${html`<button type="button" onClick=${start}>${t("dead.start")}</button>`}>
			<p>${t("dead.manyText")}</p>
			<${Trouble} problem=${problem} />
			${problem?.fields?.length > 0 && html`<ul class="failures">${problem.fields.map((f) => html`<li><code>${f.pointer}</code> <${English}>${f.detail}<//></li>`)}</ul>`}
			<${WebhookChoice} value=${form.webhook} webhooks=${webhooks} onChange=${(value) => set({ ...form, webhook: value })} />
			<label>${t("eventType")}<input type="text" ...${field("type")} /></label>
			<div class="grid"><label>${t("dead.after")}<input type="datetime-local" ...${field("after")} /></label>
				<label>${t("dead.before")}<input type="datetime-local" ...${field("before")} /></label></div>
			<div class="grid"><label>${t("dead.rate")}<input type="number" min="1" max="1000" ...${field("rate")} /></label>
				<label>${t("dead.limit")}<input type="number" min="1" ...${field("limit")} /></label></div>
		<//>`;
}
