// Deliveries that were given up: look at them, send them again, or throw them
// away with a reason.
import { html, useState, useEffect } from "../view.js";
import { t } from "../language.js";
import { to, useRoute, adjust } from "../router.js";
import { get, query } from "../api.js";
import { useLoad } from "../load.js";
import { number } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Table } from "../part/table.js";
import { Reason } from "../part/reason.js";
import { When } from "../part/when.js";
import { WebhookChoice, useWebhooks } from "../part/webhookchoice.js";
import { Discard } from "../part/discard.js";
import { ReplayMany } from "../part/replaymany.js";
import { Job } from "../part/job.js";
import { Batch, identity } from "../part/batch.js";

const page = 50;

export function DeadLetters() {
	const { query: given } = useRoute();
	const webhook = given.get("webhook") ?? "";
	const webhooks = useWebhooks();
	const path = `dead-letters${query({ webhook, limit: page })}`;
	const first = useLoad(path);
	const older = useOlder(path, first.body);
	const rows = [...(first.body?.results ?? []), ...older.rows];
	const [chosen, setChosen] = useState(new Map());
	const [open, setOpen] = useState(""); // "discard", "many"
	const [work, setWork] = useState(null); // a batch in this page
	const [job, setJob] = useState("");
	useEffect(() => setChosen(new Map()), [path]);
	const toggle = (row) => setChosen((before) => {
		const after = new Map(before);
		if (!after.delete(identity(row))) after.set(identity(row), row);
		return after;
	});
	const start = (kind, body) => { setOpen(""); setWork({ kind, body, rows: [...chosen.values()], key: Date.now() }); setChosen(new Map()); };
	return html`
		<${Heading} title=${t("way.dead-letters")} lead=${t("dead.lead")}>
			<button type="button" class="outline" onClick=${() => setOpen("many")}>${t("dead.many")}</button>
		<//>
		<${Trouble} problem=${first.problem} again=${first.again} />
		<div class="filters"><${WebhookChoice} value=${webhook} webhooks=${webhooks} onChange=${(value) => adjust({ webhook: value })} /></div>
		${work && html`<${Batch} key=${work.key} work=${work} onEnd=${first.again} onClose=${() => setWork(null)} />`}
		${job && html`<${Job} key=${job} id=${job} onEnd=${first.again} onClose=${() => setJob("")} />`}
		${rows.length > 0 && html`<${Chosen} rows=${rows} chosen=${chosen} setChosen=${setChosen} onReplay=${() => start("replay", {})} onDiscard=${() => setOpen("discard")} />`}
		${first.body && html`<${Table} caption=${t("way.dead-letters")} columns=${columns(chosen, toggle)} rows=${rows} keyOf=${identity} empty=${t("dead.none")} />`}
		${older.more && html`<p class="more"><button type="button" class="outline secondary" onClick=${older.load}>${t("more")}</button></p>`}
		${open === "discard" && html`<${Discard} count=${chosen.size} onClose=${() => setOpen("")} onDiscard=${(reason) => start("discard", { reason })} />`}
		${open === "many" && html`<${ReplayMany} webhooks=${webhooks} webhook=${webhook} onClose=${() => setOpen("")} onStarted=${(started) => { setOpen(""); setJob(started.id); }} />`}`;
}

function Chosen({ rows, chosen, setChosen, onReplay, onDiscard }) {
	const all = rows.length > 0 && rows.every((row) => chosen.has(identity(row)));
	return html`
		<section class="chosen" aria-label=${t("dead.chosenGroup")}>
			<label class="check"><input type="checkbox" checked=${all} onChange=${() => setChosen(all ? new Map() : new Map(rows.map((row) => [identity(row), row])))} /> ${t("dead.all")}</label>
			<span role="status">${t("dead.chosen", { n: number(chosen.size) })}</span>
			<button type="button" class="small" disabled=${chosen.size === 0} onClick=${onReplay}>${t("dead.replay")}</button>
			<button type="button" class="small outline bad" disabled=${chosen.size === 0} onClick=${onDiscard}>${t("dead.discard")}…</button>
		</section>`;
}

const columns = (chosen, toggle) => [
	{ key: "event", title: t("event"), cell: (d) => html`<a href=${to("dead-letters", d.webhook, d.seq)}>${d.eventType}</a><br /><span class="quiet address">${d.subject || d.eventId}</span>` },
	{ key: "choose", title: t("choose"), cell: (d) => html`<label class="check"><input type="checkbox" checked=${chosen.has(identity(d))} onChange=${() => toggle(d)} /><span class="unseen">${t("dead.choose", { event: d.eventType, id: d.eventId })}</span></label>` },
	{ key: "webhook", title: t("webhook"), cell: (d) => html`<a href=${to("webhooks", d.webhookId ?? d.webhook)}>${d.webhookName}</a>` },
	{ key: "reason", title: t("reason"), cell: (d) => html`<${Reason} text=${d.reason} />` },
	{ key: "attempts", title: t("message.attempts"), number: true, cell: (d) => number(d.attempts) },
	{ key: "dead", title: t("dead.since"), cell: (d) => html`<${When} at=${d.deadAt} relative />` },
];

function useOlder(path, first) {
	const [state, set] = useState({ rows: [], cursor: null });
	useEffect(() => set({ rows: [], cursor: first?.cursor ?? null }), [path, first]);
	const load = async () => {
		const { results, cursor } = await get(`${path}&cursor=${encodeURIComponent(state.cursor)}`);
		set({ rows: [...state.rows, ...results], cursor });
	};
	return { ...state, load, more: Boolean(state.cursor) };
}
