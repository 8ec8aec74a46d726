// Writes of which the gateway does not know whether the register made them. It
// asks the register by itself; a person may decide when it cannot.
import { html, useState } from "../view.js";
import { t } from "../language.js";
import { post } from "../api.js";
import { useLoad, useInterval } from "../load.js";
import { span } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Table } from "../part/table.js";
import { When } from "../part/when.js";
import { Dialog } from "../part/dialog.js";
import { announce } from "../part/announcer.js";

// writeOf names the write; of an intent that cannot be read, the hold.
const writeOf = (h) => (h.path ? `${h.method} ${h.path}` : h.id);

export function Holds() {
	const { body, problem, again } = useLoad("holds");
	const [hold, setHold] = useState(null);
	useInterval(again, 10_000);
	const columns = [
		{ key: "write", title: t("holds.write"), cell: (h) => html`<code class="address">${writeOf(h)}</code>` },
		{ key: "rule", title: t("rule"), cell: (h) => h.rule || "–" },
		{ key: "age", title: t("holds.age"), cell: (h) => html`${span(h.ageSeconds)} <span class="quiet"><${When} at=${h.createdAt} /></span>` },
		{ key: "settle", title: t("holds.settle"), hideTitle: true, cell: (h) => html`<button type="button" class="small outline" onClick=${() => setHold(h)}>${t("holds.settle")}…<span class="unseen"> ${writeOf(h)}</span></button>` },
	];
	return html`
		<${Heading} title=${t("way.holds")} lead=${t("holds.lead")} />
		<${Trouble} problem=${problem} again=${again} />
		${body && html`<${Table} caption=${t("way.holds")} columns=${columns} rows=${body.results} keyOf=${(h) => h.id} empty=${t("holds.none")} />`}
		${hold && html`<${Settle} hold=${hold} onClose=${() => setHold(null)} onSettled=${() => { setHold(null); again(); }} />`}`;
}

function Settle({ hold, onClose, onSettled }) {
	const [answer, setAnswer] = useState("");
	const [sure, setSure] = useState(false);
	const [problem, setProblem] = useState(null);
	const settle = async () => {
		try {
			await post(`holds/${encodeURIComponent(hold.id)}/settle`, { happened: answer === "yes" });
			announce(t("holds.settled"));
			onSettled();
		} catch (refusal) {
			setProblem(refusal);
		}
	};
	const choice = (value) => html`<label class="check"><input type="radio" name="happened" value=${value} checked=${answer === value} onChange=${() => setAnswer(value)} /> ${t(`holds.${value}`)}</label>`;
	return html`
		<${Dialog} title=${t("holds.title")} onClose=${onClose}
			actions=${html`<button type="button" disabled=${!answer || !sure} onClick=${settle}>${t("holds.settle")}</button>`}>
			<p><code class="address">${writeOf(hold)}</code></p>
			<p class="note warn"><strong>▲ ${t("warning")}</strong> ${t("holds.warning")}</p>
			<${Trouble} problem=${problem} />
			<fieldset><legend>${t("holds.question")}</legend>${choice("yes")}${choice("no")}</fieldset>
			<label class="check"><input type="checkbox" checked=${sure} onChange=${(e) => setSure(e.target.checked)} /> ${t("holds.sure")}</label>
		<//>`;
}
