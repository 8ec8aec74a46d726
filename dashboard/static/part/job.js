// A long job of the gateway's, followed until it ends. It goes on when this page
// is closed.
import { html, useState, useEffect } from "../view.js";
import { t } from "../language.js";
import { call, get } from "../api.js";
import { number, known } from "../format.js";
import { Trouble } from "./trouble.js";
import { announce } from "./announcer.js";

const pace = 1000; // milliseconds

export function Job({ id, onEnd, onClose }) {
	const [job, set] = useState(null);
	const [problem, setProblem] = useState(null);
	useEffect(() => {
		let timer = 0;
		const look = async () => {
			try {
				const now = await get(`jobs/${encodeURIComponent(id)}`);
				set(now);
				if (now.state === "running") timer = setTimeout(look, pace);
				else {
					announce(`${known("job", now.state)}: ${number(now.done)} / ${number(now.total)}`);
					onEnd();
				}
			} catch (trouble) {
				setProblem(trouble);
			}
		};
		look();
		return () => clearTimeout(timer);
	}, [id]);
	const cancel = () => call("DELETE", `jobs/${encodeURIComponent(id)}`).catch(setProblem);
	return html`
		<section class="progress" aria-label=${t("job.title")}>
			<${Trouble} problem=${problem} />
			${job && html`
				<label>${t("job.title")}: ${known("job", job.state)}, ${number(job.done)}${job.total ? ` / ${number(job.total)}` : ""}${job.failed ? `, ${t("job.failures", { n: number(job.failed) })}` : ""}
					<progress value=${job.total ? job.done : undefined} max=${job.total || 1}></progress></label>
				${job.state === "running"
					? html`<button type="button" class="small outline secondary" onClick=${cancel}>${t("job.cancel")}</button>`
					: html`<button type="button" class="small outline secondary" onClick=${onClose}>${t("close")}</button>`}`}
		</section>`;
}
