// Doing the same with several dead letters, one after the other, with the count
// in sight. A failure is told and does not stop the rest.
import { html, useState, useEffect } from "../view.js";
import { t } from "../language.js";
import { number } from "../format.js";
import { post } from "../api.js";
import { English } from "./english.js";
import { announce } from "./announcer.js";

export const identity = (d) => `${d.webhook} ${d.seq}`;
export const addressOf = (d) => `dead-letters/${encodeURIComponent(d.webhook)}/${encodeURIComponent(d.seq)}`;

// Batch: work is {kind: "replay"|"discard", body, rows}.
export function Batch({ work, onEnd, onClose }) {
	const [state, set] = useState({ done: 0, failures: [], over: false });
	useEffect(() => {
		const signal = { stop: false };
		run(work, signal, set).then((failures) => {
			announce(t("batch.over", { n: number(work.rows.length - failures.length), failed: number(failures.length) }));
			onEnd();
		});
		return () => { signal.stop = true; };
	}, []);
	const { done, failures, over } = state;
	return html`
		<section class="progress" aria-label=${t(`batch.${work.kind}`)}>
			<label>${t(`batch.${work.kind}`)}: ${number(done)} / ${number(work.rows.length)}
				<progress value=${done} max=${work.rows.length}></progress></label>
			${failures.length > 0 && html`<ul class="failures">${failures.slice(0, 5).map(([row, text]) => html`<li><code>${row.eventId}</code>: <${English}>${text}<//></li>`)}</ul>`}
			${over && html`<p>${t("batch.over", { n: number(work.rows.length - failures.length), failed: number(failures.length) })} <button type="button" class="small outline secondary" onClick=${onClose}>${t("close")}</button></p>`}
		</section>`;
}

async function run({ kind, body, rows }, signal, set) {
	const failures = [];
	for (const [i, row] of rows.entries()) {
		if (signal.stop) break;
		try {
			await post(`${addressOf(row)}/${kind}`, body);
		} catch (problem) {
			failures.push([row, problem.message]);
		}
		set({ done: i + 1, failures: [...failures], over: i + 1 === rows.length });
	}
	return failures;
}
