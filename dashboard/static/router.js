// Which page is shown: the part of the address behind "#/", so that no server
// and no mount needs to know about pages.
import { useState, useEffect } from "./view.js";

// here takes the address apart: {page, path: [...], query: URLSearchParams}.
export function here() {
	const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
	const parts = path.split("/").filter(Boolean).map(decode);
	return { page: parts[0] ?? "overview", path: parts.slice(1), query: new URLSearchParams(search) };
}

function decode(part) {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

// to writes an address: to("webhooks", 3, {tab: "log"}).
export function to(...parts) {
	const search = typeof parts.at(-1) === "object" ? parts.pop() : {};
	const given = Object.entries(search).filter(([, value]) => value !== "" && value !== undefined && value !== null);
	const path = parts.map((part) => encodeURIComponent(part)).join("/");
	return `#/${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

export const go = (...parts) => { location.hash = to(...parts); };

// adjust changes the query of the address without a step in the history.
export function adjust(changes) {
	const { page, path, query } = here();
	const all = { ...Object.fromEntries(query), ...changes };
	history.replaceState(null, "", to(page, ...path, all));
	dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute() {
	const [route, set] = useState(here);
	useEffect(() => {
		const changed = () => set(here());
		addEventListener("hashchange", changed);
		return () => removeEventListener("hashchange", changed);
	}, []);
	return route;
}
