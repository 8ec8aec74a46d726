// A form that is sent as one JSON document: fields, what is wrong with them, and
// one button.
import { html, useState, useRef, useLayoutEffect } from "../view.js";
import { t } from "../language.js";
import { Field } from "./field.js";
import { Summary, nearest, tail } from "./summary.js";

// SmallForm: fields as in webhookfields.js, with shown(draft); send(draft) gives
// a promise and throws a Problem.
export function SmallForm({ label, fields, start, send, action, cancel, suggestions }) {
	const [draft, set] = useState(start);
	const [problem, setProblem] = useState(null);
	const [busy, setBusy] = useState(false);
	const summary = useRef(null);
	useLayoutEffect(() => { if (problem) summary.current?.focus(); }, [problem]);
	const shown = fields.filter((f) => !f.shown || f.shown(draft));
	const wrong = (problem?.fields ?? []).map((e) => ({ ...e, field: nearest(shown, e.pointer) }));
	const submit = async (event) => {
		event.preventDefault();
		setBusy(true);
		setProblem(null);
		try {
			await send(draft);
		} catch (refusal) {
			setProblem(refusal);
		}
		setBusy(false);
	};
	return html`
		<form class="webhookform" aria-label=${label} onSubmit=${submit} novalidate>
			${problem && html`<${Summary} box=${summary} problem=${problem} wrong=${wrong} />`}
			<div class="group">${shown.map((f) => html`
				<${Field} key=${f.pointer} field=${f} value=${draft[f.pointer]} suggestions=${f.suggest && suggestions}
					errors=${wrong.filter((e) => e.field === f).map((e) => tail(e, f))}
					onChange=${(value) => set((before) => ({ ...before, [f.pointer]: value }))} />`)}</div>
			<div class="bar still"><button type="submit" disabled=${busy} aria-busy=${busy ? "true" : undefined}>${action}</button>
				${cancel && html`<a role="button" class="outline secondary" href=${cancel}>${t("cancel")}</a>`}</div>
		</form>`;
}
