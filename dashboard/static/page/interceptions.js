// What webhooks that are asked before a write have decided lately.
import { html, useState } from "../view.js";
import { t } from "../language.js";
import { useRoute, adjust, to } from "../router.js";
import { query } from "../api.js";
import { useLoad, useThrottled } from "../load.js";
import { useLive } from "../live.js";
import { milliseconds, bytes, known } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Connection } from "../part/connection.js";
import { Table } from "../part/table.js";
import { Badge } from "../part/badge.js";
import { When } from "../part/when.js";
import { WebhookChoice, useWebhooks } from "../part/webhookchoice.js";

const outcomes = ["approved", "modified", "rejected", "failed_closed", "failed_open", "failed_flagged", "failed_queued", "canceled"];

export function Interceptions() {
	const { query: given } = useRoute();
	const [paused, setPaused] = useState(false);
	const webhook = given.get("webhook") ?? "";
	const outcome = given.get("outcome") ?? "";
	const webhooks = useWebhooks().filter((w) => w.configuration?.interceptRequests);
	const { body, problem, again } = useLoad(`interceptions${query({ webhook, outcome, limit: 100 })}`);
	const soon = useThrottled(() => paused || again(), 1000);
	const state = useLive(["interceptions"], soon);
	return html`
		<${Heading} title=${t("way.interceptions")} lead=${t("interceptions.lead")}>
			<${Connection} state=${paused ? "paused" : state} />
			<button type="button" class="outline" aria-pressed=${paused} onClick=${() => setPaused(!paused)}>${t(paused ? "deliveries.resume" : "deliveries.pause")}</button>
		<//>
		<${Trouble} problem=${problem} again=${again} />
		<section class="filters" aria-label=${t("filter")}>
			<${WebhookChoice} value=${webhook} webhooks=${webhooks} onChange=${(value) => adjust({ webhook: value })} />
			<label>${t("outcome")}<select value=${outcome} onChange=${(e) => adjust({ outcome: e.target.value })}>
				<option value="">${t("all")}</option>${outcomes.map((one) => html`<option value=${one}>${t(`decision.${one}`)}</option>`)}</select></label>
		</section>
		${body && html`<${Table} caption=${t("way.interceptions")} columns=${columns()} rows=${body.results} keyOf=${(row) => row.id} empty=${t("interceptions.none")} />`}`;
}

const columns = () => [
	{ key: "at", title: t("time"), cell: (i) => html`<${When} at=${i.at} />` },
	{ key: "webhook", title: t("webhook"), cell: (i) => (i.webhookId ? html`<a href=${to("webhooks", i.webhookId)}>${i.webhookName}</a>` : i.webhookName) },
	{ key: "event", title: t("event"), cell: (i) => html`<span class="address">${i.eventType}</span>` },
	{ key: "outcome", title: t("decision"), cell: (i) => html`<${Badge} group="decision" name=${i.outcome} /> ${i.mode && i.mode !== "enforce" ? html`<span class="tag">${known("mode", i.mode)}</span>` : ""}<br />${reason(i)}` },
	{ key: "duration", title: t("duration"), number: true, cell: (i) => milliseconds(i.durationMs) },
	{ key: "size", title: t("interceptions.size"), number: true, minor: () => true, cell: (i) => html`${bytes(i.sentBytes)} → ${bytes(i.receivedBytes)}` },
	{ key: "changed", title: t("interceptions.changed"), minor: (i) => !i.changed?.length, cell: (i) => (i.changed?.length ? i.changed.map((p) => html`<code>${p || "/"}</code> `) : "–") },
];

const reason = (i) => html`<span class="quiet">${[i.reason && known("reason", i.reason), i.statusCode && `HTTP ${i.statusCode}`].filter(Boolean).join(" · ")}</span>`;
