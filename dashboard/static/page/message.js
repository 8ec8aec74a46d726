// The story of one event: what became of it at each webhook, and one call side
// by side with its answer.
import { html, useState } from "../view.js";
import { t } from "../language.js";
import { to } from "../router.js";
import { post, query as parameters } from "../api.js";
import { useLoad, useThrottled } from "../load.js";
import { useLive } from "../live.js";
import { number, milliseconds } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Table } from "../part/table.js";
import { Badge } from "../part/badge.js";
import { When } from "../part/when.js";
import { Reason } from "../part/reason.js";
import { Code } from "../part/code.js";
import { Attempts } from "../part/attempts.js";
import { announce } from "../part/announcer.js";

export function Message({ id, query }) {
	const story = useLoad(`messages/${encodeURIComponent(id)}`);
	// A test has no stored event: its call is found among the webhook's.
	const hook = query.get("hook");
	const logs = useLoad(story.problem && hook ? `webhooks/logs${parameters({ webhook_id: hook, limit: 200 })}` : null);
	const again = useThrottled(() => { story.again(); logs.again(); }, 500);
	useLive(["attempts"], (news) => { if (news.some((one) => one.data.eventId === id)) again(); });
	const attempts = story.body?.attempts ?? (logs.body?.results ?? []).filter((row) => row.eventId === id);
	const chosen = choose(attempts, query);
	const message = story.body?.message;
	return html`
		<p class="crumb"><a href=${to("deliveries")}>${t("way.deliveries")}</a></p>
		<${Heading} title=${t("message.title")} lead=${html`<span class="address">${message?.type ?? chosen?.eventType ?? ""}</span> · <code class="address">${id}</code>`} />
		${!chosen && html`<${Trouble} problem=${story.problem} again=${story.again} />`}
		${chosen && html`<${Call} key=${chosen.id} row=${chosen} again=${again} />`}
		${story.body && html`
			<section><h2>${t("message.receivers")}</h2><${Receivers} rows=${story.body.deliveries} /></section>`}
		${attempts.length > 0 && html`<section><h2>${t("message.attempts")}</h2><${Attempts} rows=${attempts} withWebhook caption=${t("message.attempts")} /></section>`}
		${message && html`<section><h2>${t("message.event")}</h2><${About} message=${message} /></section>`}`;
}

const numberOf = (text) => (text ? Number(text) : NaN);

function choose(attempts, query) {
	const webhook = query.get("webhook");
	return attempts.find((row) => row.id === numberOf(query.get("row")))
		?? attempts.find((row) => row.webhook === webhook && row.attempt === numberOf(query.get("attempt")))
		?? attempts.find((row) => row.webhook === webhook) ?? attempts.at(-1);
}

// Call is one attempt: request and answer beside each other.
function Call({ row, again }) {
	const [state, set] = useState({});
	const retry = async () => {
		set({ busy: true });
		try {
			const result = await post(`webhooks/logs/${row.id}/retry`, {});
			set({ result });
			announce(t(result.success ? "retry.worked" : "retry.failed"));
			again();
		} catch (problem) {
			set({ problem });
		}
	};
	return html`
		<section class="call" aria-labelledby="call">
			<div class="sectionhead"><h2 id="call">${t("message.call", { n: row.attempt, webhook: row.webhookName })}</h2>
				${!row.success && html`<button type="button" disabled=${state.busy} aria-busy=${state.busy ? "true" : undefined} onClick=${retry}>${t("retry")}</button>`}</div>
			<${Trouble} problem=${state.problem} />
			${state.result && html`<p class="note"><${Badge} group="success" name=${state.result.success ? "success" : "failed"} /> ${t(state.result.success ? "retry.worked" : "retry.failed")}</p>`}
			<dl class="facts">
				<div><dt>${t("outcome")}</dt><dd><${Badge} group="success" name=${row.success ? "success" : "failed"} /> ${row.statusCode ? html`<code>${row.statusCode}</code>` : ""} ${row.success ? "" : html`<${Reason} text=${row.reason} />`}</dd></div>
				<div><dt>${t("time")}</dt><dd><${When} at=${row.created} /></dd></div>
				<div><dt>${t("duration")}</dt><dd>${milliseconds(row.durationMs)}</dd></div>
				<div><dt>${t("nextRetry")}</dt><dd><${When} at=${row.nextRetryAt} /></dd></div>
				<div class="wide"><dt>${t("address")}</dt><dd class="address">${row.method} ${row.url}</dd></div>
				${row.errorMessage && html`<div class="wide"><dt>${t("error")}</dt><dd><${Reason} text=${row.errorMessage} /></dd></div>`}
			</dl>
			<div class="beside">
				<${Code} label=${t("message.request")} value=${row.requestBody ?? row.payload} redacted=${row.redacted} />
				<${Code} label=${t("message.answer")} value=${row.responseBody} redacted=${row.redacted} />
			</div>
		</section>`;
}

const columns = () => [
	{ key: "webhook", title: t("webhook"), cell: (d) => html`<a href=${to("webhooks", d.webhookId ?? d.webhook)}>${d.webhookName || d.webhook}</a>` },
	{ key: "state", title: t("state"), cell: (d) => html`<${Badge} group="delivery" name=${d.state} /> ${d.waiting ? html`<span class="quiet">${t("message.waiting")}</span>` : ""}` },
	{ key: "attempts", title: t("message.attempts"), number: true, cell: (d) => number(d.attempts) },
	{ key: "due", title: t("nextRetry"), cell: (d) => html`<${When} at=${Date.parse(d.dueAt) > Date.now() ? d.dueAt : null} relative />` }, // what waits to be fetched is due, and not tried
	{ key: "reason", title: t("reason"), cell: (d) => html`<${Reason} text=${d.reason} />` },
	{ key: "changed", title: t("changed"), cell: (d) => html`<${When} at=${d.changedAt} />` },
];

const Receivers = ({ rows }) => html`<${Table} caption=${t("message.receivers")} columns=${columns()} rows=${rows} keyOf=${(d) => d.webhook} empty=${t("message.nobody")} />`;

const About = ({ message }) => html`
	<dl class="facts">
		<div><dt>${t("subject")}</dt><dd class="address">${message.subject || "–"}</dd></div>
		<div><dt>${t("source")}</dt><dd class="address">${message.source}</dd></div>
		<div><dt>${t("time")}</dt><dd><${When} at=${message.time} /></dd></div>
	</dl>
	<${Code} label=${t("message.event")} value=${message.event} redacted=${message.redacted} />`;
