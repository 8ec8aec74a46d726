// Makes the pictures of docs/dashboard.md: VOORPOORT_STORIES=pictures.js
// VOORPOORT_PICTURES=<folder> go test ./dashboard -run TestInABrowser
import { test, before, after } from "node:test";
import { openBrowser, closeBrowser, open, go, picture } from "./stage.js";

before(openBrowser);
after(closeBrowser);

const views = [
	["view-overview", "#/overview", { width: 1280, height: 980 }, ".plot canvas"],
	["view-webhooks", "#/webhooks", { width: 1280, height: 620 }, "tbody tr"],
	["view-form", "#/webhooks/new", { width: 1280, height: 980 }, "#field-name"],
	["view-dead-letters", "#/dead-letters", { width: 1280, height: 640, scheme: "dark" }, "main h1"],
	["view-narrow", "#/overview", { width: 360, height: 740, scheme: "dark", language: "nl" }, ".plot canvas"],
];

for (const [name, hash, options, ready] of views) {
	test(name, async () => {
		const page = await open(options);
		await go(page, hash);
		await page.waitForSelector(ready);
		await page.mouse.click(5, options.height - 5); // a click takes the ring of the keyboard away
		await page.waitForTimeout(600);
		await picture(page, name);
		await page.context().close();
	});
}

test("view-call", async () => {
	const page = await open({ width: 1280, height: 900 });
	await go(page, "#/deliveries?success=false");
	await page.click("tbody a >> nth=0");
	await page.waitForSelector(".call pre");
	await page.waitForTimeout(400);
	await picture(page, "view-call");
	await page.context().close();
});
