// One dead letter: the event, why it was given up, and each attempt.
import { html, useState } from "../view.js";
import { t } from "../language.js";
import { to, go } from "../router.js";
import { post } from "../api.js";
import { useLoad } from "../load.js";
import { number } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { When } from "../part/when.js";
import { Reason } from "../part/reason.js";
import { Code } from "../part/code.js";
import { Attempts } from "../part/attempts.js";
import { Discard } from "../part/discard.js";
import { addressOf } from "../part/batch.js";
import { announce } from "../part/announcer.js";

export function DeadLetter({ webhook, seq }) {
	const address = addressOf({ webhook, seq });
	const { body, problem, again } = useLoad(address);
	const [failure, setFailure] = useState(null);
	const [asking, setAsking] = useState(false);
	const act = async (kind, content, said) => {
		setAsking(false);
		try {
			await post(`${address}/${kind}`, content);
			announce(said);
			go("dead-letters");
		} catch (refusal) {
			setFailure(refusal);
		}
	};
	const letter = body?.deadLetter ?? body;
	return html`
		<p class="crumb"><a href=${to("dead-letters")}>${t("way.dead-letters")}</a></p>
		<${Heading} title=${t("dead.one")} lead=${letter && html`<span class="address">${letter.eventType}</span> · <code class="address">${letter.eventId}</code>`}>
			${letter && html`
				<button type="button" onClick=${() => act("replay", {}, t("dead.replayed"))}>${t("dead.replay")}</button>
				<button type="button" class="outline bad" onClick=${() => setAsking(true)}>${t("dead.discard")}…</button>`}
		<//>
		<${Trouble} problem=${failure ?? problem} again=${problem && again} />
		${letter && html`
			<dl class="facts">
				<div><dt>${t("webhook")}</dt><dd><a href=${to("webhooks", letter.webhookId ?? letter.webhook)}>${letter.webhookName}</a></dd></div>
				<div><dt>${t("reason")}</dt><dd><${Reason} text=${letter.reason} /></dd></div>
				<div><dt>${t("message.attempts")}</dt><dd>${number(letter.attempts?.length ?? letter.attempts)}</dd></div>
				<div><dt>${t("dead.since")}</dt><dd><${When} at=${letter.deadAt} /></dd></div>
				<div class="wide"><dt>${t("subject")}</dt><dd class="address">${letter.subject || "–"}</dd></div>
			</dl>
			<section><h2>${t("message.attempts")}</h2><${Attempts} rows=${rowsOf(body)} caption=${t("message.attempts")} /></section>
			<section><h2>${t("message.event")}</h2><${Code} label=${t("message.event")} value=${letter.event} redacted=${letter.redacted} /></section>`}
		${asking && html`<${Discard} count=${1} onClose=${() => setAsking(false)} onDiscard=${(reason) => act("discard", { reason }, t("dead.discarded"))} />`}`;
}

// The list of attempts stands beside the letter, under a name of its own when
// "attempts" is their number.
const rowsOf = (body) => [body.attempts, body.log, body.logs, body.attemptRows].find(Array.isArray) ?? [];
