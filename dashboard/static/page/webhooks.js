// All webhooks, with how they are.
import { html, useState } from "../view.js";
import { t } from "../language.js";
import { to } from "../router.js";
import { useLoad, useInterval, useThrottled } from "../load.js";
import { useLive } from "../live.js";
import { number, percent } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Table } from "../part/table.js";
import { Badge } from "../part/badge.js";
import { When } from "../part/when.js";
import { Connection } from "../part/connection.js";

// role says in a word when the webhook is called.
export const role = (w) => t(w.style === "pull" ? "style.pull" : w.configuration?.interceptRequests ? (w.configuration.async ? "role.async" : "role.asks") : "role.tells");

// asks tells of one whose calls are decisions, and not deliveries with a log.
export const asks = (w) => w.configuration?.interceptRequests && !w.configuration.async;
const decisions = (w) => html`<a href=${to("interceptions", { webhook: w.id })}>${t("webhook.decisions")}<span class="unseen"> ${w.name}</span></a>`;

const columns = () => [
	{ key: "name", title: t("name"), cell: (w) => html`<a href=${to("webhooks", w.id)}>${w.name}</a> ${w.readOnly && html`<span class="tag">${t("webhook.fixed")}</span>`}<br /><span class="quiet address">${w.url}</span>` },
	{ key: "role", title: t("webhook.role"), cell: role },
	{ key: "state", title: t("state"), cell: (w) => html`<${Badge} group="state" name=${w.state} />` },
	{ key: "success", title: t("webhook.success"), number: true, cell: (w) => (asks(w) ? decisions(w) : html`${percent(w.successfulDeliveries, w.totalDeliveries)}<br /><span class="quiet">${t("webhook.of", { n: number(w.totalDeliveries) })}</span>`) },
	{ key: "last", title: t("webhook.last"), cell: (w) => html`<${When} at=${w.lastTriggeredAt} relative never=${!asks(w)} />` },
	{ key: "queue", title: t("webhook.queue"), number: true, cell: (w) => number(w.pending ?? 0) },
	{ key: "dead", title: t("webhook.dead"), number: true, cell: (w) => (w.deadLetters ? html`<a href=${to("dead-letters", { webhook: w.id })}>${number(w.deadLetters)}</a>` : "0") },
];

export function Webhooks() {
	const { body, problem, again } = useLoad("webhooks?_limit=1000");
	const soon = useThrottled(again, 1500);
	const state = useLive(["webhooks", "lanes"], soon);
	useInterval(again, 10_000); // the figures; with each call it would be too often
	const [search, set] = useState("");
	const wanted = search.trim().toLowerCase();
	const rows = (body?.results ?? []).filter((w) => !wanted || `${w.name} ${w.url}`.toLowerCase().includes(wanted));
	return html`
		<${Heading} title=${t("way.webhooks")} lead=${t("webhooks.lead")}>
			<${Connection} state=${state} />
			<a role="button" href=${to("webhooks", "new")}>${t("webhooks.new")}</a>
		<//>
		<${Trouble} problem=${problem} again=${again} />
		<div class="filters"><label>${t("search")}<input type="search" value=${search} onInput=${(e) => set(e.target.value)} placeholder=${t("webhooks.search")} /></label></div>
		${body?.total > body?.results.length && html`<p class="note">${t("webhooks.some", { n: number(body.results.length), total: number(body.total) })}</p>`}
		${body && html`<${Table} caption=${t("way.webhooks")} columns=${columns()} rows=${rows} keyOf=${(w) => w.uuid} empty=${t(body.results.length ? "nothing" : "webhooks.none")} />`}`;
}
