// Calls to receivers as they happen: a log that grows at its top, can be
// stopped, and can be searched.
import { html, useState, useEffect, useRef } from "../view.js";
import { t } from "../language.js";
import { useRoute, adjust } from "../router.js";
import { useLoad } from "../load.js";
import { useLive } from "../live.js";
import { get, query } from "../api.js";
import { number } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Connection } from "../part/connection.js";
import { WebhookChoice, useWebhooks } from "../part/webhookchoice.js";
import { Attempts } from "../part/attempts.js";
import { announce } from "../part/announcer.js";

const page = 50;
const most = 300; // rows in the page
const mostWaiting = 1000; // rows kept while it is paused

export function Deliveries() {
	const filter = useFilter();
	const webhooks = useWebhooks();
	const [paused, setPaused] = useState(false);
	const path = `webhooks/logs${query({ webhook_id: filter.webhook, success: filter.success, limit: page })}`;
	const { body, problem, loading, again } = useLoad(path);
	const tail = useTail(body, filter, webhooks, paused);
	const older = useOlder(path, body);
	const rows = [...tail.rows, ...(body?.results ?? []).filter((row) => !tail.known(row)), ...older.rows];
	const shown = rows.filter((row) => matches(row, filter)).slice(0, most + older.rows.length);
	const pause = () => {
		setPaused(!paused);
		announce(t(paused ? "deliveries.goesOn" : "deliveries.isPaused"));
	};
	return html`
		<${Heading} title=${t("way.deliveries")} lead=${t("deliveries.lead")}>
			<${Connection} state=${paused ? "paused" : tail.state} />
			<button type="button" class="outline" aria-pressed=${paused} onClick=${pause}>${t(paused ? "deliveries.resume" : "deliveries.pause")}${paused && tail.waiting ? ` (${number(tail.waiting)})` : ""}</button>
		<//>
		<${Trouble} problem=${problem} again=${again} />
		<${Filters} filter=${filter} webhooks=${webhooks} />
		${tail.dropped > 0 && html`<p class="note">${t("deliveries.dropped", { n: number(tail.dropped) })}</p>`}
		<div aria-busy=${loading && !body}>${body && html`<${Attempts} rows=${shown} withWebhook />`}</div>
		<${Trouble} problem=${older.problem} />
		${older.more && html`<p class="more"><button type="button" class="outline secondary" onClick=${older.load}>${t("more")}</button></p>`}`;
}

// The filter stands in the address, so it can be sent to a colleague.
function useFilter() {
	const { query: given } = useRoute();
	return { webhook: given.get("webhook") ?? "", success: given.get("success") ?? "", text: given.get("text") ?? "" };
}

function Filters({ filter, webhooks }) {
	return html`
		<section class="filters" aria-label=${t("filter")}>
			<${WebhookChoice} value=${filter.webhook} webhooks=${webhooks} onChange=${(webhook) => adjust({ webhook })} />
			<label>${t("outcome")}<select value=${filter.success} onChange=${(e) => adjust({ success: e.target.value })}>
				<option value="">${t("all")}</option><option value="true">${t("success.success")}</option><option value="false">${t("success.failed")}</option></select></label>
			<label>${t("deliveries.text")}<input type="search" value=${filter.text} onInput=${(e) => adjust({ text: e.target.value })} /></label>
		</section>`;
}

const sameEvent = (row) => `${row.webhook} ${row.eventId} ${row.attempt}`;

function matches(row, { webhook, success, text }) {
	if (webhook && String(row.webhookId) !== webhook && row.webhook !== webhook) return false;
	if (success && String(row.success) !== success) return false;
	const wanted = text.trim().toLowerCase();
	return !wanted || [row.eventType, row.eventClass, row.eventId, row.webhookName, row.url, row.statusCode, row.reason].join(" ").toLowerCase().includes(wanted);
}

// useTail gathers the rows that come in behind those that were loaded.
function useTail(loaded, filter, webhooks, paused) {
	const [rows, setRows] = useState([]);
	const [dropped, setDropped] = useState(0);
	const held = useRef([]);
	const [waiting, setWaiting] = useState(0);
	const put = (fresh) => setRows((before) => [...fresh.reverse(), ...before].slice(0, most));
	const state = useLive(["attempts"], (news) => {
		setDropped((n) => n + news.reduce((sum, { event, data }) => sum + (event === "dropped" ? data.dropped ?? data.count ?? 1 : 0), 0));
		const fresh = news.filter((one) => one.event === "attempt").map(({ id, data }) => ({
			...data, fresh: true, key: `live-${id || data.id || sameEvent(data)}`,
			webhookId: data.webhookId ?? webhooks.find((w) => w.uuid === data.webhook)?.id,
		}));
		if (paused) {
			held.current = [...held.current, ...fresh].slice(-mostWaiting);
			setWaiting(held.current.length);
		} else put(fresh);
	});
	useEffect(() => {
		if (paused) return;
		put(held.current);
		held.current = [];
		setWaiting(0);
	}, [paused]);
	const keys = new Set(rows.map(sameEvent));
	return { rows, state, waiting, dropped, known: (row) => keys.has(sameEvent(row)) };
}

// useOlder loads the pages behind the first.
function useOlder(path, first) {
	const [state, set] = useState({ rows: [], end: false, problem: null });
	useEffect(() => set({ rows: [], end: false, problem: null }), [path]);
	const offset = (first?.results.length ?? 0) + state.rows.length;
	const load = async () => {
		try {
			const { results } = await get(`${path}&offset=${offset}`);
			const seen = new Set([...first.results, ...state.rows].map((row) => row.id));
			set({ rows: [...state.rows, ...results.filter((row) => !seen.has(row.id))], end: results.length < page, problem: null });
		} catch (problem) {
			set({ ...state, problem });
		}
	};
	return { ...state, load, more: Boolean(first) && !state.end && first.results.length >= page };
}
