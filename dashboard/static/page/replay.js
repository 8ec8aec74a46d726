// Messages of the past once more, to one webhook; and the long jobs of this
// gateway, with how far they are.
import { html, useState, useEffect, useRef } from "../view.js";
import { t } from "../language.js";
import { to, useRoute } from "../router.js";
import { call, post } from "../api.js";
import { useLoad, useInterval } from "../load.js";
import { number, instant, known } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Table } from "../part/table.js";
import { Badge } from "../part/badge.js";
import { When } from "../part/when.js";
import { English } from "../part/english.js";
import { SmallForm } from "../part/smallform.js";
import { useWebhooks } from "../part/webhookchoice.js";
import { announce } from "../part/announcer.js";

const pace = 1000; // milliseconds, while a job runs
const slowPace = 10_000;

const fields = (webhooks) => [
	{ pointer: "/webhook", kind: "choice", name: "replayWebhook", required: true, options: webhooks.map((w) => String(w.id)), labels: Object.fromEntries(webhooks.map((w) => [w.id, w.name])) },
	{ pointer: "/since", kind: "moment", name: "replaySince" },
	{ pointer: "/until", kind: "moment", name: "replayUntil" },
	{ pointer: "/type", kind: "text", name: "replayType", placeholder: "object.created" },
	{ pointer: "/subject", kind: "text", name: "replaySubject" },
	{ pointer: "/rate", kind: "number", name: "replayRate" },
	{ pointer: "/limit", kind: "number", name: "replayLimit" },
];

// delivers tells whether events wait for a webhook in a queue.
const delivers = (w) => !w.configuration?.interceptRequests || w.configuration.async;

export function Replay() {
	const { query } = useRoute();
	const webhooks = useWebhooks();
	const jobs = useLoad("jobs");
	const send = async (draft) => {
		const text = (pointer) => draft[pointer].trim() || undefined;
		await post("replay", {
			webhook: draft["/webhook"], since: instant(draft["/since"]), until: instant(draft["/until"]),
			type: text("/type"), subject: text("/subject"), rate: figure(draft["/rate"]), limit: figure(draft["/limit"]),
		});
		announce(t("replay.started"));
		await jobs.again();
	};
	const start = { "/webhook": query.get("webhook") ?? "", "/since": "", "/until": "", "/type": "", "/subject": "", "/rate": "50", "/limit": "10000" };
	return html`
		<${Heading} title=${t("way.replay")} lead=${t("replay.lead")} />
		<p class="note">${t("replay.note")}</p>
		<${SmallForm} label=${t("way.replay")} fields=${fields(webhooks.filter(delivers))} start=${start} send=${send} action=${t("replay.start")} />
		<section aria-labelledby="jobs"><h2 id="jobs">${t("jobs.title")}</h2><${Jobs} jobs=${jobs} webhooks=${webhooks} /></section>`;
}

// figure is a number of a field; what is none is sent as it is, and refused.
const figure = (text) => (text.trim() === "" ? undefined : Number.isNaN(Number(text)) ? text : Number(text));

function Jobs({ jobs: { body, problem, again }, webhooks }) {
	const [refusal, setRefusal] = useState(null);
	const rows = body?.results ?? [];
	const running = rows.filter((j) => j.state === "running").map((j) => j.id);
	useInterval(again, running.length ? pace : slowPace);
	useEnds(rows, running);
	const cancel = (job) => call("DELETE", `jobs/${encodeURIComponent(job.id)}`).then(again, setRefusal);
	return html`
		<${Trouble} problem=${refusal ?? problem} again=${problem && again} />
		${body && html`<${Table} caption=${t("jobs.title")} columns=${columns(webhooks, cancel)} rows=${rows} keyOf=${(j) => j.id} empty=${t("jobs.none")} />`}`;
}

// useEnds tells of each job that ran a moment ago and does not any more.
function useEnds(rows, running) {
	const before = useRef([]);
	useEffect(() => {
		for (const job of rows) {
			if (before.current.includes(job.id) && job.state !== "running") {
				announce(`${known("job.kind", job.kind)}: ${known("job", job.state)}, ${number(job.done)} / ${number(job.total)}`);
			}
		}
		before.current = running;
	}, [rows]);
}

const columns = (webhooks, cancel) => [
	{ key: "kind", title: t("jobs.kind"), cell: (j) => known("job.kind", j.kind) },
	{ key: "webhook", title: t("webhook"), cell: (j) => nameOf(j, webhooks) },
	{ key: "state", title: t("state"), cell: (j) => html`<${Badge} group="job" name=${j.state} /> ${j.error && html`<br /><${English}>${j.error}<//>`}` },
	{ key: "progress", title: t("jobs.progress"), cell: (j) => html`<${Progress} job=${j} />` },
	{ key: "rate", title: t("jobs.rate"), number: true, cell: (j) => t("persecond", { n: number(j.rate) }) },
	{ key: "started", title: t("jobs.started"), cell: (j) => html`<${When} at=${j.startedAt} relative />` },
	{ key: "act", title: t("job.cancel"), hideTitle: true, minor: (j) => j.state !== "running", cell: (j) => j.state === "running" && html`<button type="button" class="small outline bad" onClick=${() => cancel(j)}>${t("job.cancel")}<span class="unseen"> ${nameText(j, webhooks)}</span></button>` },
];

const find = (j, webhooks) => webhooks.find((w) => w.uuid === j.webhook);
const nameText = (j, webhooks) => (j.webhook ? find(j, webhooks)?.name ?? j.webhook : t("all"));
const nameOf = (j, webhooks) => (find(j, webhooks) ? html`<a href=${to("webhooks", find(j, webhooks).id)}>${nameText(j, webhooks)}</a>` : nameText(j, webhooks));

function Progress({ job }) {
	const said = `${number(job.done)} / ${number(job.total)}${job.failed ? `, ${t("job.failures", { n: number(job.failed) })}` : ""}`;
	return html`<span>${said}</span>${job.state === "running" && html`<progress aria-label=${t("jobs.progress")} value=${job.total ? job.done : undefined} max=${job.total || 1}></progress>`}`;
}
