// Server-sent events read with fetch, because EventSource cannot send the
// header Authorization and a token does not belong in a URL.
// The format: WHATWG HTML, section 9.2.6.
import { authorization } from "./session.js";
import { apiAddress, query } from "./api.js";

const shortestPause = 500;
const longestPause = 10_000;
const silence = 45_000; // the gateway says something every 15 s

// parser gives a function that takes pieces of text and calls back for each
// event, {id, event, data}, for each retry time, and for an id that comes without
// an event: where the stream begins.
export function parser(onEvent, onRetry, onStart = () => {}) {
	let rest = "";
	let id = "";
	let event = "";
	let data = [];
	const field = (name, value) => {
		if (name === "event") event = value;
		else if (name === "data") data.push(value);
		else if (name === "id" && !value.includes("\0")) id = value;
		else if (name === "retry" && /^\d+$/.test(value)) onRetry(Number(value));
	};
	const line = (text) => {
		if (text === "") {
			if (data.length) onEvent({ id, event: event || "message", data: data.join("\n") });
			else if (id) onStart(id);
			event = "";
			data = [];
			return;
		}
		const colon = text.indexOf(":");
		if (colon === 0) return; // a comment
		if (colon < 0) field(text, "");
		else field(text.slice(0, colon), text.slice(colon + 1).replace(/^ /, ""));
	};
	return (piece) => {
		const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
		rest = lines.pop();
		lines.forEach(line);
	};
}

// openStream follows the topics until the signal aborts. It comes back by
// itself, behind the last event that it saw: after a reload of the gateway, after
// a lost connection, and after a silence. onState is told "connecting", "live"
// and "waiting", and "refused" when the gateway says no for good.
export async function openStream(topics, { webhook = "", signal, onEvent, onState }) {
	let last = "";
	let pause = shortestPause;
	let told = shortestPause;
	while (!signal.aborted) {
		onState("connecting");
		const connection = new AbortController();
		const end = () => connection.abort();
		signal.addEventListener("abort", end);
		let watch = setTimeout(end, silence);
		try {
			const answer = await fetch(apiAddress(`stream${query({ topics: topics.join(","), webhook })}`), {
				headers: { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }), ...authorization() },
				signal: connection.signal, cache: "no-store", credentials: "same-origin",
			});
			if ([401, 403, 404].includes(answer.status)) return onState("refused");
			if (!answer.ok || !answer.body) throw new Error("no stream");
			onState("live");
			const take = parser((event) => {
				if (event.id) last = event.id;
				pause = told;
				onEvent(event);
			}, (milliseconds) => { told = pause = Math.min(Math.max(milliseconds, 100), longestPause); }, (id) => { last = id; });
			const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
			for (;;) {
				const { done, value } = await reader.read();
				if (done) break;
				clearTimeout(watch);
				watch = setTimeout(end, silence);
				take(value);
			}
		} catch { /* what is wrong does not matter: it is tried again */ }
		clearTimeout(watch);
		signal.removeEventListener("abort", end);
		connection.abort();
		if (signal.aborted) return;
		onState("waiting");
		await sleep(pause + Math.random() * 250, signal);
		pause = Math.min(pause * 2, longestPause);
	}
}

function sleep(milliseconds, signal) {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, milliseconds);
		signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
	});
}
