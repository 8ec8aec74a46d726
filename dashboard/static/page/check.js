// What would happen with a request: which rule and which webhooks match, and why
// not. Nothing is sent.
import { html, useState } from "../view.js";
import { t, has } from "../language.js";
import { to } from "../router.js";
import { post } from "../api.js";
import { announce } from "../part/announcer.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Table } from "../part/table.js";
import { Badge } from "../part/badge.js";
import { English } from "../part/english.js";
import { Code } from "../part/code.js";

const methods = ["POST", "PUT", "PATCH", "DELETE", "GET"];

// headersOf reads "Name: value" lines.
function headersOf(text) {
	const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
	return Object.fromEntries(lines.map((line) => {
		const at = line.indexOf(":");
		return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
	}));
}

export function Check() {
	const [form, set] = useState({ method: "POST", path: "", headers: "Content-Type: application/json", body: "" });
	const [state, setState] = useState({});
	const field = (name) => ({ id: `check-${name}`, value: form[name], onInput: (e) => set({ ...form, [name]: e.target.value }) });
	const submit = async (event) => {
		event.preventDefault();
		setState({ busy: true });
		try {
			const report = await post("check", { method: form.method, path: form.path, headers: headersOf(form.headers), body: form.body });
			setState({ report });
			announce(t("check.done"));
		} catch (problem) {
			setState({ problem });
		}
	};
	return html`
		<${Heading} title=${t("way.check")} lead=${t("check.lead")} />
		<form class="checkform" onSubmit=${submit}>
			<div class="pair"><label>${t("method")}<select ...${field("method")} onChange=${field("method").onInput}>${methods.map((m) => html`<option>${m}</option>`)}</select></label>
				<label>${t("path")}<input type="text" required placeholder="/api/objects/1/2" spellcheck="false" ...${field("path")} /></label></div>
			<label>${t("headers")}<textarea rows="2" spellcheck="false" ...${field("headers")}></textarea></label>
			<label>${t("body")}<textarea rows="7" spellcheck="false" ...${field("body")}></textarea></label>
			<button type="submit" disabled=${state.busy} aria-busy=${state.busy ? "true" : undefined}>${t("check.go")}</button>
		</form>
		<${Trouble} problem=${state.problem} />
		${state.problem?.fields?.length > 0 && html`<ul class="failures">${state.problem.fields.map((f) => html`<li><code>${f.pointer}</code> <${English}>${f.detail}<//></li>`)}</ul>`}
		${state.report && html`<${Report} report=${state.report} />`}`;
}

// explain says why not in the language of the page where the place in the webhook
// says all: why a condition cannot be evaluated stands in English.
function explain({ pointer, detail }, webhook) {
	const [, place, name] = pointer?.split("/") ?? [];
	const key = place === "configuration" ? `why.${name}.${webhook.phase}` : `why.${place}`;
	if (place === "when" && detail !== "the condition does not hold") return html`<${English}>${detail}<//>`;
	return has(key) ? t(key) : html`<${English}>${detail}<//>`;
}

const columns = () => [
	{ key: "name", title: t("webhook"), cell: (w) => (w.webhookId ?? w.id ? html`<a href=${to("webhooks", w.webhookId ?? w.id)}>${w.name}</a>` : w.name) },
	{ key: "matches", title: t("check.matches"), cell: (w) => html`<${Badge} group="check" name=${w.matches ? "matches" : "not"} />` },
	{ key: "why", title: t("check.why"), cell: (w) => (w.why?.length ? html`<ul class="why">${w.why.map((y) => html`<li>${y.pointer && html`<code>${y.pointer}</code> `}${explain(y, w)}</li>`)}</ul>` : "–") },
];

function Report({ report }) {
	return html`
		<section class="report" aria-label=${t("check.report")}>
			<h2>${t("check.report")}</h2>
			<dl class="facts"><div><dt>${t("rule")}</dt><dd>${ruleText(report.rule)}</dd></div>
				<div class="wide"><dt>${t("eventType")}</dt><dd class="address">${report.event ? report.event.type ?? t("check.some") : t("check.noEvent")}</dd></div></dl>
			<${Table} caption=${t("way.webhooks")} columns=${columns()} rows=${report.webhooks ?? []} keyOf=${(w) => w.name} empty=${t("webhooks.none")} />
			${report.event && html`<${Code} label=${t("message.event")} value=${report.event} />`}
		</section>`;
}

const ruleText = (rule) => (rule === null || rule === undefined || rule === "" ? t("check.noRule") : typeof rule === "object" ? rule.name ?? JSON.stringify(rule) : rule);
