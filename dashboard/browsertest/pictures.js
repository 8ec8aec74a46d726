// Makes pictures of a real gateway after a minute and a half of traffic. Those
// whose names begin with "dashboard-" are the ones of docs/dashboard.md; the
// others show each page narrow and wide, light and dark, to be looked at:
//
//	VOORPOORT_BROWSER=1 VOORPOORT_STORIES=pictures.js VOORPOORT_PICTURES=<folder> go test ./e2e -run TestInABrowser
import { test, before, after } from "node:test";
import { mkdirSync } from "node:fs";
import { openBrowser, closeBrowser, open, go, token, address } from "./stage.js";
import { door, receivers, write } from "./gateway.js";

const traffic = 90_000; // milliseconds
const folder = process.env.VOORPOORT_PICTURES;

// api calls the management API as an operator's script would.
const api = async (method, path, body) => {
	const answer = await fetch(`${address}api/${path}`, { method, headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify(body) });
	if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
	return answer.json();
};

// day is what happens in front of the camera: most writes are fine, some are
// forbidden, some are completed, and the case system is away for a while.
async function day() {
	await api("POST", "webhooks", { name: "portal", url: `${receivers}/portal`, events: ["object.created"] });
	await api("POST", "webhooks", { name: "housing", url: `${receivers}/portal`, events: ["object.updated"], filters: { "data.object.city": "Amersfoort" }, enabled: false });
	await api("POST", "events/subscriptions", { reference: "night shift", style: "pull", types: ["object.created"] });
	const names = ["Minoes", "Felix", "Tommie", "Dribbel", "Bello"];
	const began = Date.now();
	for (let i = 0; Date.now() - began < traffic; i++) {
		const name = names[i % names.length];
		if (i % 17 === 5) await write("POST", "cats", { name: `Forbidden ${name}` });
		else if (i % 6 === 2) await write("POST", "cats", { name, postcode: "3811 AA" });
		else if (i % 40 === 30) await write("POST", "cases", { name: `Adoption of ${name}` });
		else await write(i % 3 ? "PUT" : "POST", i % 3 ? `cats/${i % 9}` : "cats", { name, number: i });
		await new Promise((done) => setTimeout(done, 60 + 50 * Math.sin(i / 40)));
	}
	await write("PUT", "cats/7", { name: "Minoes" });
	await write("DELETE", "cats/7", {});
	await write("PUT", "cats/lost", { name: "Poekie" });
	for (const name of names.slice(0, 2)) await write("POST", "cases", { name: `Adoption of ${name}` });
	const portal = (await api("GET", "webhooks")).results.find((w) => w.name === "portal");
	await api("POST", "replay", { webhook: String(portal.id), type: "object.created", rate: 1000, limit: 40 });
	await api("POST", "replay", { webhook: String(portal.id), type: "object.created", rate: 2 });
}

before(async () => {
	mkdirSync(folder, { recursive: true });
	await door("cases/ill");
	await day();
	await openBrowser();
});
after(closeBrowser);

// take makes one picture: of what is seen, or of the whole page.
async function take(name, hash, ready, { act, whole, ...options }) {
	const page = await open(options);
	await go(page, hash);
	await page.waitForSelector(ready);
	await act?.(page);
	await page.waitForFunction(() => !document.querySelector("main [aria-busy=true]"));
	await page.mouse.click(options.width - 3, options.height - 3); // a click takes the ring of the keyboard away
	await page.waitForTimeout(600); // plots and pictures of the browser come a moment later
	await page.screenshot({ path: `${folder}/${name}.png`, fullPage: Boolean(whole) });
	await page.context().close();
}

const call = async (page) => {
	await page.click("tbody a >> nth=0");
	await page.waitForSelector(".call pre");
};
const checked = async (page) => {
	await page.fill("#check-path", "/api/objects/pets/cats");
	await page.fill("#check-body", "{\"name\": \"Minoes\"}");
	await page.click("button[type=submit]");
	await page.waitForSelector(".report");
};
const replay = async (page) => {
	await page.selectOption("#field-webhook", { label: "warehouse" });
	await page.fill("#field-type", "object.created");
};

const manual = {
	overview: ["#/overview", ".plot canvas", { width: 1280, height: 1000 }],
	webhooks: ["#/webhooks", "tbody tr", { width: 1280, height: 660 }],
	form: ["#/webhooks/new", "#field-name", { width: 1280, height: 980 }],
	call: ["#/deliveries?success=false", "tbody a", { width: 1280, height: 900, act: call }],
	"dead-letters": ["#/dead-letters", "tbody tr", { width: 1280, height: 640, scheme: "dark" }],
	replay: ["#/replay", "tbody tr", { width: 1280, height: 980, act: replay }],
	subscriptions: ["#/subscriptions", "tbody tr", { width: 1280, height: 560, scheme: "dark" }],
	narrow: ["#/overview", ".plot canvas", { width: 360, height: 740, scheme: "dark", language: "nl" }],
};
for (const [name, [hash, ready, options]] of Object.entries(manual)) {
	test(`dashboard-${name}`, () => take(`dashboard-${name}`, hash, ready, options));
}

const pages = {
	overview: ["#/overview", ".plot canvas"], webhooks: ["#/webhooks", "tbody tr"], webhook: ["#/webhooks/1", ".facts"], form: ["#/webhooks/new", "#field-name"],
	deliveries: ["#/deliveries", "tbody tr"], call: ["#/deliveries?success=false", "tbody a", call], "dead-letters": ["#/dead-letters", "tbody tr"],
	replay: ["#/replay", "tbody tr", replay], subscriptions: ["#/subscriptions", "tbody tr"], "new-subscription": ["#/subscriptions/new", "#field-types"],
	interceptions: ["#/interceptions", "tbody tr"], holds: ["#/holds", "tbody tr"], check: ["#/check", "#check-path", checked],
};
for (const [width, language] of [[360, "nl"], [1600, "en"]]) {
	for (const scheme of ["light", "dark"]) {
		test(`every page at ${width} px, ${scheme}`, async () => {
			for (const [name, [hash, ready, act]] of Object.entries(pages)) {
				await take(`${name}-${width}-${scheme}`, hash, ready, { width, height: 900, scheme, language, act, whole: true });
			}
		});
	}
}
