// Everything that is wrong with a form, with a link to each field.
import { html } from "../view.js";
import { t } from "../language.js";
import { Trouble } from "./trouble.js";
import { English } from "./english.js";
import { idOf } from "./field.js";

// nearest finds the field that a pointer of the server's is about: the one that
// stands nearest above it, or the last.
export function nearest(fields, pointer) {
	const above = fields.filter((f) => f.pointer && (pointer === f.pointer || pointer.startsWith(`${f.pointer}/`)));
	return above.sort((a, b) => b.pointer.length - a.pointer.length)[0] ?? fields.at(-1);
}

// tail says where in the field the error is, when it is deeper.
export const tail = (e, f) => (e.pointer === f.pointer ? e.detail : `${e.pointer.slice(f.pointer.length)}: ${e.detail}`);

// Summary: wrong are [{pointer, detail, field}]. Whoever shows it moves the focus
// to box.
export function Summary({ box, problem, wrong }) {
	const jump = (event, pointer) => {
		event.preventDefault();
		const target = document.getElementById(idOf(pointer));
		target?.focus();
		target?.scrollIntoView({ block: "center" });
	};
	return html`
		<div class="summary" ref=${box} tabindex="-1" role="alert">
			<${Trouble} problem=${problem} brief=${problem.fields?.length > 0} />
			<ul>${wrong.map((e) => html`<li><a href="#" onClick=${(event) => jump(event, e.field.pointer)}>${t(`field.${e.field.name || "rest"}.label`)}</a>: <${English}>${e.detail}<//></li>`)}</ul>
		</div>`;
}
