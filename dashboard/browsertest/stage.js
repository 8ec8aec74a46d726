import assert from "node:assert/strict";
// What the stories share: a browser, a page that is signed in, axe, pictures.
import { chromium } from "playwright-core";
import axe from "axe-core";
import { mkdirSync } from "node:fs";

export const address = process.env.VOORPOORT_DASHBOARD;
export const token = process.env.VOORPOORT_TOKEN;
// Whether the sample API is behind it, which can be told what to do.
export const sample = process.env.VOORPOORT_SAMPLE === "yes";

let launched; // a promise: each file of tests asks for it

export async function openBrowser() {
	launched ??= chromium.launch({
		executablePath: process.env.VOORPOORT_CHROMIUM ?? "/usr/bin/chromium",
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
	});
	await launched;
}

export async function closeBrowser() {
	await (await launched).close();
}

// open gives a page; whatever the browser complains of is in page.complaints.
export async function open({ width = 1600, height = 1000, scheme = "light", language = "en", reducedMotion = "reduce", signedIn = true, at = "" } = {}) {
	const context = await (await launched).newContext({ viewport: { width, height }, colorScheme: scheme, locale: language, reducedMotion, timezoneId: "Europe/Amsterdam" });
	if (signedIn) {
		await context.addInitScript((value) => sessionStorage.setItem("voorpoort.token", value), token);
	}
	const page = await context.newPage();
	page.setDefaultTimeout(20_000);
	page.complaints = [];
	page.on("pageerror", (error) => page.complaints.push(`exception: ${error.stack}`));
	page.on("console", (message) => {
		// A refusal of the API is shown by the page; the browser writes it down too.
		if (message.type() === "error" && !/Failed to load resource.*status of (4|5)\d\d/.test(message.text())) page.complaints.push(message.text());
	});
	await page.goto(address + at);
	await page.waitForSelector("h1");
	return page;
}

export const go = async (page, hash) => {
	await page.evaluate((to) => { location.hash = to; }, hash);
	await page.waitForFunction(() => !document.querySelector("main [aria-busy=true]"));
};

// faults gives what axe finds that is serious or critical.
export async function faults(page) {
	// As a script of the page axe would be stopped by the policy, which is right.
	await page.evaluate(`${axe.source}; undefined`);
	const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
	return violations.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 4).map((n) => `${n.target} ${n.any[0]?.message ?? ""}`).join(" | ")}`);
}

// tooWide gives the elements that stick out of the page at its right.
export const tooWide = (page) => page.evaluate(() => (document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
	.filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)));

export async function picture(page, name) {
	const folder = process.env.VOORPOORT_PICTURES;
	if (!folder) return;
	mkdirSync(folder, { recursive: true });
	await page.screenshot({ path: `${folder}/${name}.png`, fullPage: !name.startsWith("view-") });
}

// becomes waits until something is as wanted: on a busy machine a page needs a
// moment after an event.
export async function becomes(read, wanted, message) {
	const until = Date.now() + 20_000;
	let got = await read();
	while (got !== wanted && Date.now() < until) {
		await new Promise((done) => setTimeout(done, 50));
		got = await read();
	}
	assert.equal(got, wanted, message);
}
