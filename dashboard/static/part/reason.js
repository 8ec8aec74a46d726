// Why something failed, in the words of the page where the gateway has a name
// for it. What the receiver or the network said stays as it was said.
import { html } from "../view.js";
import { t, has } from "../language.js";
import { English } from "./english.js";

// reasonOf takes "server_error: status 503: the disk is full" apart, also behind
// "given up after attempt 3: ": {attempt, name, rest}. The name is "" when there
// is none that the page knows.
export function reasonOf(text) {
	const [, attempt = "", told] = /^(?:given up after attempt (\d+): )?([\s\S]*)$/.exec(text ?? "");
	const [, name, rest = ""] = /^([a-z_]+)(?:: ([\s\S]*))?$/.exec(told) ?? [];
	return has(`reason.${name}`) ? { attempt, name, rest } : { attempt, name: "", rest: told };
}

export function Reason({ text }) {
	if (!text) return "–";
	const { attempt, name, rest } = reasonOf(text);
	return html`${attempt && `${t("reason.after", { n: attempt })} `}${name && t(`reason.${name}`)}${name && rest && ": "}${rest && html`<${English}>${rest}<//>`}`;
}
