// Who is told of events, as subscriptions: those that are called, and those that
// fetch for themselves, with how much waits for them.
import { html, useState } from "../view.js";
import { t } from "../language.js";
import { to, go } from "../router.js";
import { call } from "../api.js";
import { useLoad, useInterval, useThrottled } from "../load.js";
import { useLive } from "../live.js";
import { number } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Table } from "../part/table.js";
import { Badge } from "../part/badge.js";
import { Dialog } from "../part/dialog.js";
import { Connection } from "../part/connection.js";
import { SmallForm } from "../part/smallform.js";
import { announce } from "../part/announcer.js";

const addressOf = (s) => `events/subscriptions/${encodeURIComponent(s.id)}`;

export function Subscriptions() {
	const list = useLoad("events/subscriptions");
	// How much waits stands with the webhook, which is the same thing.
	const webhooks = useLoad("webhooks?_limit=1000");
	const again = () => Promise.all([list.again(), webhooks.again()]);
	const state = useLive(["webhooks", "lanes"], useThrottled(again, 1500));
	useInterval(again, 5000);
	const [failure, setFailure] = useState(null);
	const [asking, setAsking] = useState(null);
	const waiting = new Map((webhooks.body?.results ?? []).map((w) => [w.id, w.pending]));
	const act = async (work, said) => {
		setFailure(null);
		setAsking(null);
		try {
			await work();
			await again();
			announce(said);
		} catch (refusal) {
			setFailure(refusal);
		}
	};
	const set = (s, status) => act(() => call("PUT", addressOf(s), { body: { status } }), t(`subscriptions.${status}`, { name: s.reference }));
	const remove = (s) => act(() => call("DELETE", addressOf(s)), t("webhook.deleted", { name: s.reference }));
	return html`
		<${Heading} title=${t("way.subscriptions")} lead=${t("subscriptions.lead")}>
			<${Connection} state=${state} />
			<a role="button" href=${to("subscriptions", "new")}>${t("subscriptions.new")}</a>
		<//>
		<${Trouble} problem=${failure ?? list.problem ?? webhooks.problem} again=${!failure && again} />
		${list.body && html`<${Table} caption=${t("way.subscriptions")} columns=${columns(waiting, set, setAsking)} rows=${list.body.results} keyOf=${(s) => s.uuid} empty=${t("subscriptions.none")} />`}
		${asking && html`
			<${Dialog} title=${t("webhook.deleteTitle", { name: asking.reference })} onClose=${() => setAsking(null)}
				actions=${html`<button type="button" class="bad" onClick=${() => remove(asking)}>${t("delete")}</button>`}>
				<p>${t("subscriptions.deleteText", { n: number(waiting.get(asking.id) ?? 0) })}</p>
			<//>`}`;
}

const columns = (waiting, set, ask) => [
	{ key: "name", title: t("name"), cell: (s) => html`<a href=${to("webhooks", s.id)}>${s.reference}</a> ${s.readOnly && html`<span class="tag">${t("webhook.fixed")}</span>`}<br /><span class="quiet address">${s.sink ?? t("subscriptions.noSink")}</span>` },
	{ key: "style", title: t("subscriptions.style"), cell: (s) => t(`style.${s.style}`) },
	{ key: "state", title: t("state"), cell: (s) => html`<${Badge} group="subscription" name=${s.status} />` },
	{ key: "types", title: t("field.events.label"), cell: (s) => (s.types.length ? s.types.map((one) => html`<code>${one}</code> `) : t("webhook.everyEvent")) },
	{ key: "queue", title: t("webhook.queue"), number: true, cell: (s) => number(waiting.get(s.id)) },
	{ key: "act", title: t("subscriptions.act"), hideTitle: true, minor: (s) => s.readOnly, cell: (s) => !s.readOnly && html`<${Acts} subscription=${s} set=${set} ask=${ask} />` },
];

function Acts({ subscription: s, set, ask }) {
	const paused = s.status === "paused";
	return html`
		<span class="acts">
			<button type="button" class="small outline" onClick=${() => set(s, paused ? "active" : "paused")}>${t(paused ? "subscriptions.go" : "subscriptions.pause")}<span class="unseen"> ${s.reference}</span></button>
			<button type="button" class="small outline bad" onClick=${() => ask(s)}>${t("delete")}…<span class="unseen"> ${s.reference}</span></button>
		</span>`;
}

const pushed = (draft) => draft["/style"] === "push";
const fields = [
	{ pointer: "/reference", kind: "text", name: "subReference", limit: 255, required: true },
	{ pointer: "/style", kind: "choice", name: "subStyle", radio: true, options: ["push", "pull"] },
	{ pointer: "/sink", kind: "url", name: "subSink", required: true, limit: 1024, shown: pushed },
	{ pointer: "/types", kind: "lines", name: "events", suggest: true },
	{ pointer: "/source", kind: "text", name: "subSource" },
	{ pointer: "/filters", kind: "text", name: "subSubject" },
];
const empty = { "/reference": "", "/style": "push", "/sink": "", "/types": "", "/source": "", "/filters": "" };

// documentOf is the JSON of what stands in the form.
export function documentOf(draft) {
	const text = (pointer) => draft[pointer].trim() || undefined;
	return {
		reference: text("/reference"), style: draft["/style"], sink: pushed(draft) ? text("/sink") ?? "" : undefined,
		types: draft["/types"].split("\n").map((line) => line.trim()).filter(Boolean),
		source: text("/source"), filters: text("/filters") && [{ prefix: { subject: text("/filters") } }],
	};
}

export function NewSubscription() {
	const events = useLoad("webhooks/events");
	const suggestions = [...new Set((events.body?.events ?? []).map((e) => e.class))].map((value) => ({ value, label: value }));
	const send = async (draft) => {
		const { body } = await call("POST", "events/subscriptions", { body: documentOf(draft) });
		announce(t("form.saved", { name: body.reference }));
		go("subscriptions");
	};
	return html`
		<p class="crumb"><a href=${to("subscriptions")}>${t("way.subscriptions")}</a></p>
		<${Heading} title=${t("subscriptions.new")} lead=${t("subscriptions.newLead")} />
		<${SmallForm} label=${t("subscriptions.new")} fields=${fields} start=${empty} send=${send} action=${t("form.save")} cancel=${to("subscriptions")} suggestions=${suggestions} />`;
}
