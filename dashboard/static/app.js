// The whole: the frame, and in it the page that the address names.
import { html, useState, useEffect, useLayoutEffect, useRef } from "./view.js";
import { t, useLanguage } from "./language.js";
import { useRoute } from "./router.js";
import { token, forgetToken } from "./session.js";
import { get, onRefused } from "./api.js";
import { Frame } from "./part/frame.js";
import { SignIn } from "./page/signin.js";
import { Overview } from "./page/overview.js";
import { Webhooks } from "./page/webhooks.js";
import { Webhook } from "./page/webhook.js";
import { WebhookForm } from "./page/webhookform.js";
import { Deliveries } from "./page/deliveries.js";
import { Message } from "./page/message.js";
import { DeadLetters } from "./page/deadletters.js";
import { DeadLetter } from "./page/deadletter.js";
import { Interceptions } from "./page/interceptions.js";
import { Holds } from "./page/holds.js";
import { Replay } from "./page/replay.js";
import { Subscriptions, NewSubscription } from "./page/subscriptions.js";
import { Check } from "./page/check.js";
import { Missing } from "./page/missing.js";

const pages = {
	overview: () => html`<${Overview} />`,
	webhooks: webhookPage,
	deliveries: () => html`<${Deliveries} />`,
	events: (route) => html`<${Message} key=${route.path[0]} id=${route.path[0] ?? ""} query=${route.query} />`,
	"dead-letters": (route) => (route.path.length === 2
		? html`<${DeadLetter} key=${route.path.join("/")} webhook=${route.path[0]} seq=${route.path[1]} />`
		: html`<${DeadLetters} />`),
	interceptions: () => html`<${Interceptions} />`,
	holds: () => html`<${Holds} />`,
	replay: () => html`<${Replay} />`,
	subscriptions: (route) => (route.path[0] === "new" ? html`<${NewSubscription} />` : html`<${Subscriptions} />`),
	check: () => html`<${Check} />`,
};

function webhookPage({ path: [id, action] }) {
	if (id === undefined) return html`<${Webhooks} />`;
	if (id === "new") return html`<${WebhookForm} key="new" />`;
	if (action === "edit") return html`<${WebhookForm} key=${id} id=${id} />`;
	return html`<${Webhook} key=${id} id=${id} />`;
}

const pageOf = (route) => (pages[route.page] ?? (() => html`<${Missing} />`))(route);

export function App() {
	const language = useLanguage();
	const [session, set] = useState(token() ? "in" : "asking");
	const [expired, setExpired] = useState(false);
	useEffect(() => {
		onRefused(() => {
			setExpired(token() !== "");
			forgetToken();
			set("out");
		});
		// Behind a Caddy handler that knows the user, no token is needed.
		if (session === "asking") get("overview?window=60").then(() => set("in"), () => set("out"));
	}, []);
	if (session === "asking") return html`<main class="sheet" aria-busy="true">${t("loading")}</main>`;
	if (session === "out") return html`<${SignIn} key=${language} expired=${expired} onIn=${() => { setExpired(false); set("in"); }} />`;
	return html`<${Inside} key=${language} onOut=${() => { forgetToken(); set("out"); }} />`;
}

// Inside moves the focus to the heading of a page that was opened, so that a
// screen reader reads it and the keyboard goes on from there.
function Inside({ onOut }) {
	const route = useRoute();
	const place = [route.page, ...route.path].join("/");
	const first = useRef(true);
	useLayoutEffect(() => {
		const heading = document.querySelector("main h1");
		document.title = `${heading?.textContent ?? ""} · Voorpoort`;
		if (!first.current) {
			heading?.focus();
			scrollTo(0, 0);
		}
		first.current = false;
	}, [place]);
	return html`<${Frame} page=${route.page} onOut=${onOut}>${pageOf(route)}<//>`;
}
