// A word for a state, with a shape beside it: colour alone says nothing.
import { html } from "../view.js";
import { known } from "../format.js";

const kinds = {
	good: ["open", "active", "delivered", "approved", "modified", "success", "done", "probing", "matches"],
	warn: ["throttled", "pending", "retrying", "failed_open", "failed_flagged", "failed_queued", "waiting", "warning", "leased", "running", "parked"],
	bad: ["broken", "gone", "fault", "failed", "dead", "rejected", "failed_closed", "error"],
};
const shapes = { good: "●", warn: "▲", bad: "■", calm: "○" };

export const kindOf = (name) => Object.keys(kinds).find((kind) => kinds[kind].includes(name)) ?? "calm";

export function Badge({ group, name, title }) {
	const kind = kindOf(name);
	return html`<span class="badge ${kind}" title=${title}><span aria-hidden="true">${shapes[kind]}</span> ${known(group, name)}</span>`;
}
