// Calls to the management API, which is beside this page.
import { authorization } from "./session.js";
import { t, has } from "./language.js";

export const apiAddress = (path) => new URL(`api/${path}`, document.baseURI).href.split("#")[0];

// Problem is an answer that says no (RFC 9457), or no answer at all (status 0).
export class Problem extends Error {
	constructor(status, body = {}, retryAfter = "") {
		super(body.detail || body.error || body.title || t("problem.status", { status }));
		this.status = status;
		this.title = body.title ?? "";
		this.retryAfter = retryAfter;
		// What is wrong with fields: JSON Pointers and sentences.
		this.fields = (body.errors ?? []).map((e) => ({ pointer: (e.pointer ?? "").replace(/^#/, ""), detail: e.detail }));
	}

	// heading names the status in the language of the page.
	heading() {
		return has(`title.${this.status}`) ? t(`title.${this.status}`) : t("problem.status", { status: this.status });
	}

	// explain says what the status means for the operator, if there is more to it.
	explain() {
		const key = `problem.${this.status}`;
		if (this.status === 429 && !this.retryAfter) return ""; // too many of something else than wrong tokens
		return has(key) ? t(key, { seconds: this.retryAfter }) : "";
	}
}

let refused = () => {};
// onRefused is told when the gateway does not know the token (any more).
export const onRefused = (listener) => { refused = listener; };

// call gives {body, etag, status}, or throws a Problem.
export async function call(method, path, { body, signal, etag } = {}) {
	const headers = { Accept: "application/json", ...authorization() };
	if (body !== undefined) headers["Content-Type"] = "application/json";
	if (etag) headers["If-Match"] = etag;
	let answer;
	try {
		answer = await fetch(apiAddress(path), {
			method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body),
			cache: "no-store", credentials: "same-origin", redirect: "error",
		});
	} catch (error) {
		if (error.name === "AbortError") throw error;
		throw new Problem(0, { detail: t("problem.0") });
	}
	const content = await readJSON(answer);
	if (!answer.ok) {
		if (answer.status === 401) refused();
		throw new Problem(answer.status, content ?? {}, answer.headers.get("Retry-After") ?? "");
	}
	return { body: content, etag: answer.headers.get("ETag") ?? "", status: answer.status };
}

async function readJSON(answer) {
	const text = await answer.text();
	try {
		return text ? JSON.parse(text) : null;
	} catch {
		return null;
	}
}

export const get = async (path, options) => (await call("GET", path, options)).body;
export const post = async (path, body, options) => (await call("POST", path, { ...options, body })).body;

// query writes parameters, leaving out what is empty.
export function query(parameters) {
	const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== undefined && value !== null);
	return given.length ? `?${new URLSearchParams(given)}` : "";
}
