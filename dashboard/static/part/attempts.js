// A list of calls to receivers.
import { html } from "../view.js";
import { t } from "../language.js";
import { to } from "../router.js";
import { milliseconds } from "../format.js";
import { Table } from "./table.js";
import { Badge } from "./badge.js";
import { Reason } from "./reason.js";
import { When } from "./when.js";

// hrefOf is the page of one attempt: the story of its event, at that call.
export const hrefOf = (row) => to("events", row.eventId ?? "", { webhook: row.webhook ?? "", attempt: row.attempt ?? "", row: row.id ?? "", hook: row.webhookId ?? "" });

const columns = (withWebhook) => [
	{ key: "at", title: t("time"), cell: (row) => html`<a href=${hrefOf(row)}><${When} at=${row.created ?? row.at} /></a>` },
	...(withWebhook ? [{ key: "webhook", title: t("webhook"), cell: (row) => row.webhookName }] : []),
	{ key: "type", title: t("event"), cell: (row) => html`<span class="address">${row.eventType || row.eventClass}</span>` },
	{ key: "outcome", title: t("outcome"), cell: (row) => html`<${Badge} group="success" name=${row.success ? "success" : "failed"} /> ${row.statusCode ? html`<code>${row.statusCode}</code>` : ""} ${!row.success && row.reason ? html`<span class="quiet"><${Reason} text=${row.reason} /></span>` : ""}` },
	{ key: "attempt", title: t("attempt"), number: true, minor: (row) => row.attempt === 1 && !row.replayed, cell: (row) => html`${row.attempt}${row.replayed && html` <span class="tag">${t("replayed")}</span>`}` },
	{ key: "duration", title: t("duration"), number: true, cell: (row) => milliseconds(row.durationMs) },
	{ key: "next", title: t("nextRetry"), minor: (row) => !row.nextRetryAt, cell: (row) => html`<${When} at=${row.nextRetryAt} />` },
];

export const Attempts = ({ rows, withWebhook, caption, empty }) => html`
	<${Table} caption=${caption ?? t("way.deliveries")} columns=${columns(withWebhook)} rows=${rows} empty=${empty ?? t("deliveries.none")}
		keyOf=${(row) => row.key ?? row.id} rowClass=${(row) => (row.fresh ? "fresh" : "")} />`;
