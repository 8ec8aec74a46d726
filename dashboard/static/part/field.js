// One field of a form: its label, what it means, what is wrong with it, and the
// thing to type into. What is wrong is said to screen readers with the field.
import { html } from "../view.js";
import { t, has } from "../language.js";
import { English } from "./english.js";

export const idOf = (pointer) => `field${pointer.replaceAll("/", "-") || "-rest"}`;
const words = (f) => `field.${f.name || "rest"}`;
const option = (f, value) => f.labels?.[value] ?? (has(`${words(f)}.${value}`) ? t(`${words(f)}.${value}`) : has(`option.${value}`) ? t(`option.${value}`) : value);

export function Field({ field: f, value, onChange, errors, suggestions, readOnly }) {
	const id = idOf(f.pointer);
	const wrong = errors.length > 0;
	const about = {
		id, "aria-describedby": `${id}-help${wrong ? ` ${id}-wrong` : ""}`, "aria-invalid": wrong ? "true" : undefined,
		required: f.required, disabled: readOnly,
	};
	const entry = entries[f.kind]({ f, id, about, value, onChange, suggestions });
	const help = html`<small id="${id}-help">${t(`${words(f)}.help`)}</small>`;
	const complaint = wrong && html`<p class="wrong" id="${id}-wrong">${errors.map((e) => html`<span>■ <${English}>${e}<//></span>`)}</p>`;
	const style = wide(f) ? "field wide" : "field";
	if (f.kind === "switch") {
		return html`<div class="field"><label class="check">${entry} ${t(`${words(f)}.label`)}</label>${help}${complaint}</div>`;
	}
	if (f.radio || f.kind === "pairs" || f.kind === "filters") {
		return html`<fieldset class=${style} id=${id} tabindex="-1" aria-describedby="${id}-help"><legend>${t(`${words(f)}.label`)}</legend>${help}${entry}${complaint}</fieldset>`;
	}
	return html`<div class=${style}><label for=${id}>${t(`${words(f)}.label`)}${f.required && html` <span class="quiet">(${t("required")})</span>`}</label>${entry}${help}${complaint}</div>`;
}

// wide fields take the whole width of the form.
const wide = (f) => f.radio || f.required || f.code || ["lines", "pairs", "filters", "rest"].includes(f.kind);

const input = (type) => ({ f, about, value, onChange }) => html`
	<input ...${about} type=${type} value=${value} maxlength=${f.limit} placeholder=${f.placeholder ?? f.standard} spellcheck="false"
		class=${f.code ? "address" : ""} autocomplete="off" inputmode=${f.kind === "number" ? "numeric" : undefined} onInput=${(e) => onChange(e.target.value)} />`;

const entries = {
	text: input("text"),
	url: input("url"),
	number: input("text"),
	moment: input("datetime-local"),
	numbers: input("text"),
	choice: ({ f, id, about, value, onChange }) => (f.radio
		? f.options.map((one) => html`<label class="check"><input type="radio" name=${id} value=${one} checked=${value === one} onChange=${() => onChange(one)} /> ${option(f, one)}</label>`)
		: html`<select ...${about} value=${value} onChange=${(e) => onChange(e.target.value)}>
			${!f.standard && html`<option value="">${t(`${words(f)}.none`)}</option>`}
			${f.options.map((one) => html`<option value=${one}>${option(f, one)}</option>`)}</select>`),
	switch: ({ about, value, onChange }) => html`<input ...${about} type="checkbox" role="switch" checked=${value} onChange=${(e) => onChange(e.target.checked)} />`,
	lines: ({ id, about, value, onChange, suggestions }) => html`
		<textarea ...${about} rows="3" spellcheck="false" class="address" value=${value} onInput=${(e) => onChange(e.target.value)}></textarea>
		${suggestions?.length > 0 && html`
			<label class="suggest"><span>${t("field.events.add")}</span><select id="${id}-add" value="" onChange=${(e) => { onChange([value.trim(), e.target.value].filter(Boolean).join("\n")); e.target.value = ""; }}>
				<option value="">${t("field.events.choose")}</option>${suggestions.map((s) => html`<option value=${s.value} lang="en">${s.label}</option>`)}</select></label>`}`,
	secret: ({ about, value, onChange }) => html`
		<input ...${about} type="password" autocomplete="new-password" value=${value.value} placeholder=${value.kept ? t("field.secret.kept") : ""} onInput=${(e) => onChange({ ...value, value: e.target.value })} />
		${value.kept && html`<label class="check"><input type="checkbox" checked=${value.drop} onChange=${(e) => onChange({ ...value, kept: true, drop: e.target.checked })} /> ${t("field.secret.drop")}</label>`}`,
	rest: ({ about, value, onChange }) => html`<textarea ...${about} rows="6" spellcheck="false" class="address" value=${value} placeholder="{}" onInput=${(e) => onChange(e.target.value)}></textarea>`,
	pairs: (props) => html`<${Pairs} ...${props} />`,
	filters: (props) => html`<${Pairs} ...${props} long />`,
};

// Pairs are names with values, in rows that can be added and taken away.
function Pairs({ f, id, value, onChange, long }) {
	const set = (i, change) => onChange(value.map((pair, n) => (n === i ? { ...pair, ...change } : pair)));
	const label = (i, side) => html`<span class="unseen">${t(`${words(f)}.${side}`)} ${i + 1}</span>`;
	return html`
		${value.map((pair, i) => html`
			<div class="pairrow" key=${i}>
				<label>${label(i, "left")}<input type="text" value=${pair.name} spellcheck="false" placeholder=${t(`${words(f)}.left`)} onInput=${(e) => set(i, { name: e.target.value })} /></label>
				<label>${label(i, "right")}${long
					? html`<textarea rows=${Math.min(4, pair.value.split("\n").length)} value=${pair.value} spellcheck="false" placeholder=${t(`${words(f)}.right`)} onInput=${(e) => set(i, { value: e.target.value })}></textarea>`
					: html`<input type="text" value=${pair.value} spellcheck="false" autocomplete="off" placeholder=${t(`${words(f)}.right`)} onInput=${(e) => set(i, { value: e.target.value })} />`}</label>
				<button type="button" class="small outline secondary" onClick=${() => onChange(value.filter((_, n) => n !== i))}><span aria-hidden="true">✕</span><span class="unseen">${t("remove")} ${pair.name}</span></button>
			</div>`)}
		<button type="button" id="${id}-more" class="small outline secondary" onClick=${() => onChange([...value, { name: "", value: "" }])}>${t(`${words(f)}.add`)}</button>`;
}
