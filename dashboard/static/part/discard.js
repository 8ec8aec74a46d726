// Throwing dead letters away is for good, so it wants a reason.
import { html, useState } from "../view.js";
import { t } from "../language.js";
import { number } from "../format.js";
import { Dialog } from "./dialog.js";

export function Discard({ count, onClose, onDiscard }) {
	const [reason, set] = useState("");
	const given = reason.trim() !== "";
	return html`
		<${Dialog} title=${t("dead.discardTitle", { n: number(count) })} onClose=${onClose}
			actions=${html`<button type="button" class="bad" disabled=${!given} onClick=${() => onDiscard(reason.trim())}>${t("dead.discard")}</button>`}>
			<p>${t("dead.discardText")}</p>
			<label>${t("reason")}<input type="text" value=${reason} maxlength="200" required onInput=${(e) => set(e.target.value)} /></label>
		<//>`;
}
