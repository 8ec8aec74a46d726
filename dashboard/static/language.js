// The words of the pages. Each language is a file with the same keys; a test
// compares them. A text may have {names}, which are filled in.
import { useState, useEffect } from "./view.js";

export const languages = { en: "English", nl: "Nederlands" };
const storageKey = "voorpoort.language";

let code = "en";
let words = {};
const listeners = new Set();

function preferred() {
	const stored = localStorage.getItem(storageKey);
	if (stored in languages) return stored;
	for (const wish of navigator.languages ?? [navigator.language]) {
		const short = wish.slice(0, 2).toLowerCase();
		if (short in languages) return short;
	}
	return "en";
}

export const startLanguage = () => use(preferred());

export async function chooseLanguage(wanted) {
	localStorage.setItem(storageKey, wanted);
	await use(wanted);
}

async function use(wanted) {
	words = (await import(`./language/${wanted}.js`)).default;
	code = wanted;
	document.documentElement.lang = wanted;
	for (const listener of listeners) listener(wanted);
}

export const language = () => code;

// has tells whether there are words for a key: for names that the server may
// add to.
export const has = (key) => Object.hasOwn(words, key);

// t gives the words for a key, with {names} filled in from values. A key with
// the ending .one is used when values.n is 1.
export function t(key, values = {}) {
	const single = values.n === 1 && has(`${key}.one`) ? `${key}.one` : key;
	const text = words[single] ?? key;
	return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// useLanguage renders again when the language changes.
export function useLanguage() {
	const [current, set] = useState(code);
	useEffect(() => {
		listeners.add(set);
		return () => listeners.delete(set);
	}, []);
	return current;
}
