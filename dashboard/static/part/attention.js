// What needs somebody, worst first.
import { html } from "../view.js";
import { t, has } from "../language.js";
import { to } from "../router.js";
import { known, number } from "../format.js";
import { Badge } from "./badge.js";
import { English } from "./english.js";
import { When } from "./when.js";

// Where each kind of trouble is seen to.
const cures = {
	deadLetters: (e) => to("dead-letters", { webhook: e.webhookId ?? "" }), "dead-letters": (e) => to("dead-letters", { webhook: e.webhookId ?? "" }),
	holds: () => to("holds"), hold: () => to("holds"),
};
const cure = (entry) => cures[entry.kind]?.(entry) ?? (entry.webhookId ? to("webhooks", entry.webhookId) : null);

// How many it is about stands in the gateway's sentence only.
const counted = ["dead-letters", "unknown", "holds", "broken"];

// explain says it in the language of the page where the kind says all; what else
// the gateway says is English.
function explain({ kind, text }) {
	const n = Number(/\d+/.exec(text)?.[0] ?? NaN);
	if (!has(`attention.text.${kind}`) || (counted.includes(kind) && Number.isNaN(n))) return html`<${English}>${text}<//>`;
	return t(`attention.text.${kind}`, { n: n === 1 ? n : number(n) });
}

export function Attention({ entries, store }) {
	const all = [...entries].sort((a, b) => (a.severity === "error" ? 0 : 1) - (b.severity === "error" ? 0 : 1));
	if (store?.failing && !all.some((e) => e.kind === "store")) all.unshift({ severity: "error", kind: "store", text: "" });
	return html`
		<section class="attention ${all.length ? "" : "calm"}" aria-labelledby="attention">
			<h2 id="attention">${t("attention.title")}</h2>
			${all.length === 0 && html`<p><span class="badge good"><span aria-hidden="true">●</span> ${t("attention.none")}</span></p>`}
			<ul>${all.map((entry) => html`
				<li class=${entry.severity}>
					<${Badge} group="severity" name=${entry.severity} />
					<div><strong class=${entry.webhookName ? "" : "kind"}>${entry.webhookName ? `${entry.webhookName}: ` : ""}${known("attention.kind", entry.kind)}</strong>
						<p>${explain(entry)} ${entry.since && html`<span class="quiet"><${When} at=${entry.since} relative /></span>`}</p></div>
					${cure(entry) && html`<a role="button" class="small outline" href=${cure(entry)}>${t("look")}<span class="unseen"> ${entry.webhookName ?? ""} ${known("attention.kind", entry.kind)}</span></a>`}
				</li>`)}</ul>
		</section>`;
}
