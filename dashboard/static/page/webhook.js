// One webhook: how it is, what it is told to do, a test, and its last calls.
import { html, useState, useEffect } from "../view.js";
import { t } from "../language.js";
import { to, go } from "../router.js";
import { call, post } from "../api.js";
import { useLoad, useThrottled } from "../load.js";
import { useLive } from "../live.js";
import { number, percent } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Badge } from "../part/badge.js";
import { English } from "../part/english.js";
import { When } from "../part/when.js";
import { Code } from "../part/code.js";
import { Dialog } from "../part/dialog.js";
import { Attempts } from "../part/attempts.js";
import { TestResult } from "../part/testresult.js";
import { announce } from "../part/announcer.js";
import { role, asks } from "./webhooks.js";

const resumable = ["gone", "broken", "throttled", "probing"];

export function Webhook({ id }) {
	const { body: webhook, problem, again } = useLoad(`webhooks/${encodeURIComponent(id)}`);
	const soon = useThrottled(again, 3000);
	useLive(["lanes", "webhooks", "attempts"], soon, id);
	const [failure, setFailure] = useState(null);
	const [asking, setAsking] = useState(false);
	if (!webhook) return html`<${Heading} title=${t("webhook")} /><${Trouble} problem=${problem} again=${again} />`;
	const act = async (work, done) => {
		setFailure(null);
		try {
			await work();
			announce(done);
		} catch (refusal) {
			setFailure(refusal);
		}
	};
	const resume = () => act(async () => { await post(`webhooks/${id}/resume`); await again(); }, t("webhook.resumed"));
	const remove = () => act(async () => { await call("DELETE", `webhooks/${id}`); go("webhooks"); }, t("webhook.deleted", { name: webhook.name })).finally(() => setAsking(false));
	return html`
		<p class="crumb"><a href=${to("webhooks")}>${t("way.webhooks")}</a></p>
		<${Heading} title=${webhook.name} lead=${html`${role(webhook)} · <span class="address">${webhook.method} ${webhook.url}</span>`}>
			${resumable.includes(webhook.state) && html`<button type="button" onClick=${resume}>${t("webhook.resume")}</button>`}
			${webhook.readOnly
				? html`<span class="tag">${t("webhook.fixed")}</span>`
				: html`<a role="button" class="outline" href=${to("webhooks", id, "edit")}>${t("edit")}</a>
					<button type="button" class="outline bad" onClick=${() => setAsking(true)}>${t("delete")}</button>`}
		<//>
		${webhook.readOnly && html`<p class="note">${t("webhook.fixedHelp")}</p>`}
		<${Trouble} problem=${failure ?? problem} />
		<${Facts} webhook=${webhook} />
		<${Trial} id=${id} />
		<section aria-labelledby="calls"><div class="sectionhead"><h2 id="calls">${t("webhook.calls")}</h2>
			${asks(webhook) ? html`<a href=${to("interceptions", { webhook: webhook.id })}>${t("webhook.decisions")}</a>` : html`<a href=${to("deliveries", { webhook: webhook.id })}>${t("webhook.all")}</a>`}</div>
			<${LastCalls} id=${id} turn=${webhook.totalDeliveries} /></section>
		<details class="written"><summary>${t("webhook.written")}</summary><${Code} label="JSON" value=${webhook} /></details>
		${asking && html`
			<${Dialog} title=${t("webhook.deleteTitle", { name: webhook.name })} onClose=${() => setAsking(false)}
				actions=${html`<button type="button" class="bad" onClick=${remove}>${t("delete")}</button>`}>
				<p>${t("webhook.deleteText", { n: number(webhook.pending ?? 0) })}</p>
			<//>`}`;
}

function Facts({ webhook: w }) {
	const facts = [
		[t("state"), html`<${Badge} group="state" name=${w.state} /> ${w.stateUntil && html`<span class="quiet">${t("until")} <${When} at=${w.stateUntil} /></span>`}${w.fault && html`<p class="faulttext"><${English}>${w.fault}<//></p>`}`],
		[t("webhook.success"), html`${percent(w.successfulDeliveries, w.totalDeliveries)} <span class="quiet">${t("webhook.of", { n: number(w.totalDeliveries) })}</span>`],
		[t("webhook.last"), html`<${When} at=${w.lastTriggeredAt} relative never=${!asks(w)} />`],
		[t("webhook.lastFailure"), html`<${When} at=${w.lastFailureAt} relative never />`],
		[t("webhook.queue"), html`${number(w.pending ?? 0)} ${w.retrying > 0 && html`<span class="quiet">${t("overview.retrying", { n: number(w.retrying) })}</span>`}`],
		[t("webhook.dead"), html`<a href=${to("dead-letters", { webhook: w.id })}>${number(w.deadLetters ?? 0)}</a>`],
		[t("field.events.label"), w.events?.length ? w.events.map((e) => html`<code>${e}</code> `) : t("webhook.everyEvent")],
	];
	return html`<dl class="facts">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function Trial({ id }) {
	const [state, set] = useState({});
	const run = async () => {
		set({ busy: true });
		try {
			const result = await post(`webhooks/${id}/test`, {});
			set({ result });
			announce(t(result.success ? "test.worked" : "test.failed"));
		} catch (problem) {
			set({ problem });
		}
	};
	return html`
		<section class="trial" aria-labelledby="trial">
			<div class="sectionhead"><h2 id="trial">${t("test.title")}</h2>
				<button type="button" class="outline" aria-busy=${state.busy ? "true" : undefined} disabled=${state.busy} onClick=${run}>${t("test.run")}</button></div>
			<p class="quiet">${t("test.help")}</p>
			<${Trouble} problem=${state.problem} />
			${state.result && html`<${TestResult} result=${state.result} />`}
		</section>`;
}

function LastCalls({ id, turn }) {
	const { body, problem, again } = useLoad(`webhooks/${encodeURIComponent(id)}/logs?limit=10`);
	useEffect(() => { again(); }, [turn]);
	return html`<${Trouble} problem=${problem} />${body && html`<${Attempts} rows=${body.results} />`}`;
}
