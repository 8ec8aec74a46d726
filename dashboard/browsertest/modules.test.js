// Modules that need no page, tried in the browser that will run them.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { openBrowser, closeBrowser, open } from "./stage.js";

let page;
before(async () => {
	await openBrowser();
	page = await open();
});
after(closeBrowser);

// The browser's side: what is done with each module.
const install = () => page.evaluate(() => {
	globalThis.tries = {
		parse({ parser }, pieces) {
			const events = [];
			const retries = [];
			const starts = [];
			const take = parser((e) => events.push(e), (ms) => retries.push(ms), (id) => starts.push(id));
			pieces.forEach(take);
			return { events, retries, starts };
		},
		roundTrip({ draftOf, webhookOf, changesOf }, webhook) {
			return changesOf(webhookOf(draftOf(webhook), webhook), webhook);
		},
		write({ draftOf, webhookOf }, changes) {
			return webhookOf({ ...draftOf({}), ...changes });
		},
		scalars({ scalar, writeScalar }, texts) {
			return texts.map((text) => [scalar(text), writeScalar(scalar(text))]);
		},
		percents({ percent }, pairs) {
			return pairs.map(([a, b]) => percent(a, b));
		},
		points({ isolated }, lists) {
			return lists.map((values) => isolated(values.map((v) => (v === "?" ? undefined : v))));
		},
		reasons({ reasonOf }, texts) {
			return texts.map((text) => Object.values(reasonOf(text)).join("|"));
		},
	};
});

const run = async (module, name, argument) => {
	await install();
	return page.evaluate(async ([module, name, argument]) => {
		const root = document.querySelector("script[type=module]").src.replace("main.js", "");
		return globalThis.tries[name](await import(`${root}${module}`), argument);
	}, [module, name, argument]);
};

test("a stream is understood wherever it is cut", async () => {
	const stream = ": hello\r\nretry: 500\r\nid: 5\r\n\r\nid: 7\nevent: attempt\ndata: {\"a\":\ndata: 1}\n\nid: 8\rdata:x\r\rdata: never ended";
	const want = { events: [{ id: "7", event: "attempt", data: "{\"a\":\n1}" }, { id: "8", event: "message", data: "x" }], retries: [500], starts: ["5"] };
	for (let at = 0; at <= stream.length; at++) {
		assert.deepEqual(await run("eventstream.js", "parse", [stream.slice(0, at), stream.slice(at)]), want, `cut at ${at}`);
	}
	assert.deepEqual(await run("eventstream.js", "parse", [...stream]), want, "one character at a time");
});

test("a webhook that is only looked at in the form has no changes", async () => {
	const webhooks = [
		{ id: 3, uuid: "u", name: "n", url: "https://x/", method: "POST", events: [], headers: {}, secret: null, enabled: true, filters: {}, retryPolicy: "exponential", maxRetries: 3, timeout: 30, configuration: {}, mapping: null, signature: [], format: "cloudevents", ordered: false, readOnly: false, state: "open" },
		{ id: 4, name: "n", url: "https://x/", events: ["a", "b*"], headers: { "X-Key": "***" }, secret: "***", signature: ["openregister", "sha256"], enabled: false, filters: { a: [1, "1", null], b: "x" }, timeout: "1500ms", noRetryOn: [404], ordered: true, orderPolicy: "hold", tls: { ca: "pem" }, configuration: { enableRetries: false } },
		{ id: 5, name: "n", url: "https://x/", retryPolicy: "linear", configuration: { interceptRequests: true, processResponse: true, responseProcessing: { mergeStrategy: "custom", fieldMapping: { a: "b" } }, mode: "shadow", order: 4, breaker: { failures: 2 } } },
	];
	for (const webhook of webhooks) assert.deepEqual(await run("part/webhookdraft.js", "roundTrip", webhook), {}, JSON.stringify(webhook));
});

test("a new webhook has only what was entered", async () => {
	assert.deepEqual(await run("part/webhookdraft.js", "write", { "/name": "n", "/url": "https://x/" }), { name: "n", url: "https://x/" });
	assert.deepEqual(await run("part/webhookdraft.js", "write", { "/name": "n", "/url": "u", "/timeout": "5", "/maxRetries": "0", "/noRetryOn": "404, 422", "/signature": "sha256", "": "{\"tls\":{\"ca\":\"x\"}}" }),
		{ name: "n", url: "u", timeout: 5, maxRetries: 0, noRetryOn: [404, 422], signature: ["sha256"], tls: { ca: "x" } });
});

test("values of filters keep their kind", async () => {
	assert.deepEqual(await run("part/webhookdraft.js", "scalars", ["5", "\"5\"", "true", "null", "kat", "{}", "05", ""]),
		[[5, "5"], ["5", "\"5\""], [true, "true"], [null, "null"], ["kat", "kat"], ["{}", "{}"], ["05", "05"], ["", ""]]);
});

test("almost all is not all", async () => {
	assert.deepEqual(await run("format.js", "percents", [[1, 1], [9996, 10000], [1, 2], [0, 0]]), ["100%", "99.96%", "50%", "–"]);
});

test("what the gateway says of a failure is taken apart, and what it does not know is kept", async () => {
	const said = {
		"server_error": "||server_error|",
		"server_error: status 503: the disk: full\nsince noon": "||server_error|status 503: the disk: full\nsince noon",
		"given up after attempt 12: timeout": "after|12|timeout|",
		"given up after attempt 1: status 503": "after|1||status 503",
		"the receiver is gone for good: gone: status 410: moved": "goneForGood||gone|status 410: moved",
		"unheard_of: news": "|||unheard_of: news",
		"constructor": "|||constructor",
		"Sent by hand": "|||Sent by hand",
	};
	assert.deepEqual(await run("part/reason.js", "reasons", Object.keys(said)), Object.values(said));
});

test("a value without neighbours is a point of a plot", async () => {
	assert.deepEqual(await run("part/plot.js", "points", [
		[], [7], [null, 0, null], [1, null, 2, 3, null, 4], [1, 2], [null, "?"], ["?", 5, "?"],
	]), [null, [0], [1], [0, 5], null, null, [1]]);
});
