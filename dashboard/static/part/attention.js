// What needs somebody, worst first.
import { html } from "../view.js";
import { t } from "../language.js";
import { to } from "../router.js";
import { known } from "../format.js";
import { Badge } from "./badge.js";
import { When } from "./when.js";

// Where each kind of trouble is seen to.
const cures = {
	deadLetters: (e) => to("dead-letters", { webhook: e.webhookId ?? "" }), "dead-letters": (e) => to("dead-letters", { webhook: e.webhookId ?? "" }),
	holds: () => to("holds"), hold: () => to("holds"),
};
const cure = (entry) => cures[entry.kind]?.(entry) ?? (entry.webhookId ? to("webhooks", entry.webhookId) : null);

export function Attention({ entries, store }) {
	const all = [...entries].sort((a, b) => (a.severity === "error" ? 0 : 1) - (b.severity === "error" ? 0 : 1));
	if (store?.failing && !all.some((e) => e.kind === "store")) all.unshift({ severity: "error", kind: "store", text: t("attention.store") });
	return html`
		<section class="attention ${all.length ? "" : "calm"}" aria-labelledby="attention">
			<h2 id="attention">${t("attention.title")}</h2>
			${all.length === 0 && html`<p><span class="badge good"><span aria-hidden="true">●</span> ${t("attention.none")}</span></p>`}
			<ul>${all.map((entry) => html`
				<li class=${entry.severity}>
					<${Badge} group="severity" name=${entry.severity} />
					<div><strong>${entry.webhookName ? `${entry.webhookName}: ` : ""}${known("attention.kind", entry.kind)}</strong>
						<p>${entry.text} ${entry.since && html`<span class="quiet"><${When} at=${entry.since} relative /></span>`}</p></div>
					${cure(entry) && html`<a role="button" class="small outline" href=${cure(entry)}>${t("look")}<span class="unseen"> ${entry.webhookName ?? ""} ${known("attention.kind", entry.kind)}</span></a>`}
				</li>`)}</ul>
		</section>`;
}
