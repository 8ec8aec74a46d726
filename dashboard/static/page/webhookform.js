// Making a webhook, or changing one.
import { html, useState, useRef, useLayoutEffect } from "../view.js";
import { t } from "../language.js";
import { to, go } from "../router.js";
import { call } from "../api.js";
import { useLoad } from "../load.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Field } from "../part/field.js";
import { Summary, tail } from "../part/summary.js";
import { groups, fields, fieldOf, isShown } from "../part/webhookfields.js";
import { draftOf, webhookOf, changesOf } from "../part/webhookdraft.js";
import { announce } from "../part/announcer.js";

export function WebhookForm({ id }) {
	const loaded = useLoad(id === undefined ? null : `webhooks/${encodeURIComponent(id)}`);
	const events = useLoad("webhooks/events");
	const title = id === undefined ? t("webhooks.new") : t("form.edit", { name: loaded.body?.name ?? "" });
	const ready = id === undefined || loaded.body;
	return html`
		<p class="crumb"><a href=${to("webhooks")}>${t("way.webhooks")}</a></p>
		<${Heading} title=${title} lead=${t("form.lead")} />
		<${Trouble} problem=${loaded.problem} again=${loaded.again} />
		${ready && html`<${Form} key=${loaded.etag} id=${id} before=${loaded.body ?? {}} etag=${loaded.etag} suggestions=${suggest(events.body?.events ?? [])} />`}`;
}

const suggest = (events) => events.map((e) => ({ value: e.class, label: `${e.name}: ${e.description}` }));

function Form({ id, before, etag, suggestions }) {
	const [draft, set] = useState(() => draftOf(before));
	const [problem, setProblem] = useState(null);
	const [busy, setBusy] = useState(false);
	const summary = useRef(null);
	const wrong = (problem?.fields ?? []).map((e) => ({ ...e, field: fieldOf(e.pointer) }));
	useLayoutEffect(() => { if (problem) summary.current?.focus(); }, [problem]);
	const submit = async (event) => {
		event.preventDefault();
		let webhook;
		try {
			webhook = webhookOf(draft, before);
		} catch (error) {
			setProblem({ message: t("form.notJSON"), fields: [{ pointer: "", detail: error.message }] });
			return;
		}
		setBusy(true);
		try {
			const saved = id === undefined
				? await call("POST", "webhooks", { body: webhook })
				: await call("PATCH", `webhooks/${encodeURIComponent(id)}`, { body: changesOf(webhook, before), etag });
			announce(t("form.saved", { name: saved.body.name }));
			go("webhooks", saved.body.id);
		} catch (refusal) {
			setBusy(false);
			setProblem(refusal);
		}
	};
	const shown = groups.filter((group) => !group.shown || group.shown(draft));
	return html`
		<form class="webhookform" onSubmit=${submit} novalidate>
			${problem && html`<${Summary} box=${summary} problem=${problem} wrong=${wrong} />`}
			${shown.map((group) => html`
				<section class="group" aria-labelledby="group-${group.name}" key=${group.name}>
					<h2 id="group-${group.name}">${t(`group.${group.name}`)}</h2>
					<p class="quiet">${t(`group.${group.name}.help`)}</p>
					${fields.filter((f) => f.group === group.name && isShown(f, draft)).map((f) => html`
						<${Field} key=${f.pointer} field=${f} value=${draft[f.pointer]} suggestions=${f.suggest && suggestions}
							errors=${wrong.filter((e) => e.field.pointer === f.pointer).map((e) => tail(e, f))}
							onChange=${(value) => set({ ...draft, [f.pointer]: value })} />`)}
				</section>`)}
			<div class="bar"><button type="submit" disabled=${busy} aria-busy=${busy ? "true" : undefined}>${t("form.save")}</button>
				<a role="button" class="outline secondary" href=${id === undefined ? to("webhooks") : to("webhooks", id)}>${t("cancel")}</a></div>
		</form>`;
}
