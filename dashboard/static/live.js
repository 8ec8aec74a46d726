// News in a view: what comes in a quarter of a second is shown together, so that
// a busy gateway does not make a busy page.
import { useState, useEffect, useRef } from "./view.js";
import { openStream } from "./eventstream.js";

const together = 250; // milliseconds

// useLive follows topics while the view is there and gives the state of the
// connection. onNews gets a list of {event, data}.
export function useLive(topics, onNews, webhook = "") {
	const [state, set] = useState("connecting");
	const latest = useRef(onNews);
	latest.current = onNews;
	const wanted = topics.join(",");
	useEffect(() => {
		const controller = new AbortController();
		let waiting = [];
		let timer = 0;
		const flush = () => {
			timer = 0;
			const news = waiting;
			waiting = [];
			latest.current(news);
		};
		const onEvent = ({ id, event, data }) => {
			let content;
			try {
				content = JSON.parse(data);
			} catch {
				return;
			}
			waiting.push({ id, event, data: content });
			timer ||= setTimeout(flush, together);
		};
		openStream(wanted.split(","), { webhook, signal: controller.signal, onEvent, onState: set });
		return () => {
			clearTimeout(timer);
			controller.abort();
		};
	}, [wanted, webhook]);
	return state;
}
