// News for people who do not see the page change: what was done, and how it
// ended.
import { html, useState, useEffect } from "../view.js";

const listeners = new Set();

// announce says a sentence, politely.
export function announce(text) {
	for (const listener of listeners) listener(text);
}

export function Announcer() {
	const [text, set] = useState("");
	useEffect(() => {
		let timer = 0;
		const say = (words) => {
			set("");
			clearTimeout(timer);
			timer = setTimeout(() => set(words), 50); // the same words again are news too
		};
		listeners.add(say);
		return () => {
			listeners.delete(say);
			clearTimeout(timer);
		};
	}, []);
	return html`<div class="unseen" role="status" aria-live="polite">${text}</div>`;
}
