// Why something failed, in the words of the page where the gateway has a name
// for it. What the receiver or the network said stays as it was said.
import { html } from "../view.js";
import { t, has } from "../language.js";
import { English } from "./english.js";

// How the gateway begins when it gives a delivery up, and our key for it.
const endings = [
	[/^given up after attempt (\d+): /, "after"],
	[/^the message cannot be sent: /, "unsendable"],
	[/^the receiver is gone for good: /, "goneForGood"],
	[/^the message is too large for the receiver: /, "tooLarge"],
	[/^the receiver does not take the webhook's format: /, "wrongFormat"],
	[/^the webhook does not retry this status: /, "noRetry"],
];

// reasonOf takes "given up after attempt 3: server_error: status 503: the disk is
// full" apart: {ending, n, name, rest}. Ending and name are "" when there is none
// that the page knows.
export function reasonOf(text) {
	const [pattern, ending = ""] = endings.find(([beginning]) => beginning.test(text)) ?? [];
	const [beginning = "", n = ""] = pattern?.exec(text) ?? [];
	const told = text.slice(beginning.length);
	const [, name, rest = ""] = /^([a-z_]+)(?:: ([\s\S]*))?$/.exec(told) ?? [];
	return has(`reason.${name}`) ? { ending, n, name, rest } : { ending, n, name: "", rest: told };
}

export function Reason({ text }) {
	if (!text) return "–";
	const { ending, n, name, rest } = reasonOf(text);
	return html`${ending && `${t(`ending.${ending}`, { n })}: `}${name && t(`reason.${name}`)}${name && rest && ": "}${rest && html`<${English}>${rest}<//>`}`;
}
