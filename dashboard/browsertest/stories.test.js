// What an operator does, from beginning to end, mostly with the keyboard.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { becomes, openBrowser, closeBrowser, open, go, faults, picture, token, sample, address } from "./stage.js";

before(openBrowser);
after(closeBrowser);

const text = (page, selector) => page.locator(selector).first().textContent();

test("a wrong token is explained, the right one opens the page and is in no address", async () => {
	const page = await open({ signedIn: false });
	const addresses = [];
	page.on("request", (request) => addresses.push(request.url()));
	await page.fill("#token", "wrong");
	await page.keyboard.press("Enter");
	await page.waitForSelector("[role=alert]");
	assert.match(await text(page, "[role=alert]"), /does not know this token/);
	await becomes(() => page.evaluate(() => document.activeElement.id), "token");
	assert.deepEqual(await faults(page), []);
	await page.fill("#token", token);
	await page.keyboard.press("Enter");
	await page.waitForSelector(".attention");
	assert.equal(await text(page, "h1"), "Overview");
	assert.ok(addresses.every((one) => !one.includes(token)));
	assert.deepEqual(await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)]), [[], ["voorpoort.token"]]);
	await page.click("text=Sign out");
	await page.waitForSelector("#token");
	await becomes(() => page.evaluate(() => sessionStorage.length), 0);
	await page.context().close();
});

test("the keyboard reaches everything: skip link, ways, heading", async () => {
	const page = await open();
	await page.waitForSelector(".attention");
	await page.keyboard.press("Tab");
	await becomes(() => page.evaluate(() => document.activeElement.className), "skip");
	await page.keyboard.press("Enter");
	await becomes(() => page.evaluate(() => document.activeElement.tagName), "H1");
	await page.focus("nav a >> nth=1");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelector("h1")?.textContent === "Webhooks");
	await becomes(() => page.evaluate(() => document.activeElement.textContent), "Webhooks", "the heading of the new page has the focus");
	assert.match(await page.title(), /^Webhooks · /);
	assert.equal(await text(page, "nav a[aria-current=page]"), "Webhooks");
	await page.context().close();
});

test("a webhook is made, the server's complaints stand at their fields, it is changed, tested and deleted", async () => {
	const page = await open();
	const name = `Made in a browser ${Date.now()}`;
	await go(page, "#/webhooks/new");
	await page.fill("#field-name", name);
	await page.fill("#field-url", "ftp://nowhere");
	await page.click("button[type=submit]");
	await page.waitForSelector(".summary");
	await becomes(() => page.evaluate(() => document.activeElement.className), "summary");
	assert.equal(await page.getAttribute("#field-url", "aria-invalid"), "true");
	assert.match(await text(page, "#field-url-wrong"), /http/);
	assert.match(await page.getAttribute("#field-url", "aria-describedby"), /field-url-wrong/);
	await picture(page, "complaint-1600-light-en");
	assert.deepEqual(await faults(page), []);
	await page.click(".summary a");
	await becomes(() => page.evaluate(() => document.activeElement.id), "field-url");
	await page.fill("#field-url", process.env.VOORPOORT_RECEIVER ?? "https://receiver.example.nl/hook");
	await page.fill("#field-secret", "a-secret-nobody-sees");
	await page.fill("#field-events", "nl.*.created");
	await page.click("text=Add a filter");
	await page.fill("#field-filters input", "data.object.nummer");
	await page.fill("#field-filters textarea", "5\n\"5\"");
	const sent = page.waitForRequest((r) => r.method() === "POST" && r.url().endsWith("/api/webhooks"));
	await page.click("button[type=submit]");
	const body = JSON.parse((await sent).postData());
	assert.deepEqual(body.filters, { "data.object.nummer": [5, "5"] });
	assert.deepEqual(body.events, ["nl.*.created"]);
	await page.waitForFunction((wanted) => document.querySelector("h1")?.textContent === wanted, name);
	assert.ok(!(await page.content()).includes("a-secret-nobody-sees"));

	await page.click("text=Edit");
	await page.waitForSelector("#field-timeout");
	await page.fill("#field-timeout", "12");
	const changed = page.waitForRequest((r) => r.method() === "PATCH");
	await page.click("button[type=submit]");
	const patch = await changed;
	assert.deepEqual(JSON.parse(patch.postData()), { timeout: 12 }, "only what was changed is sent");
	assert.ok(patch.headers()["if-match"], "and only if nobody else changed it");
	await page.waitForFunction((wanted) => document.querySelector("h1")?.textContent === wanted, name);

	await page.click("text=Send a test");
	await page.waitForSelector(".result");
	await picture(page, "tested-1600-light-en");
	await page.click("text=Delete");
	await page.waitForSelector("dialog[open]");
	assert.deepEqual(await faults(page), []);
	await page.keyboard.press("Escape");
	await page.waitForFunction(() => !document.querySelector("dialog") && document.activeElement.textContent === "Delete"); // the focus comes back
	await page.keyboard.press("Enter");
	await page.click("dialog button.bad");
	await page.waitForFunction(() => document.querySelector("h1")?.textContent === "Webhooks");
	await becomes(() => page.getByText(name, { exact: true }).count(), 0);
	assert.deepEqual(page.complaints, []);
	await page.context().close();
});

test("the language and the colours are switched and kept", async () => {
	const page = await open();
	await page.selectOption(".preferences select >> nth=0", "nl");
	await page.waitForFunction(() => document.querySelector("h1")?.textContent === "Overzicht");
	await page.selectOption(".preferences select >> nth=1", "dark");
	await page.reload();
	await page.waitForSelector("h1");
	assert.equal(await text(page, "h1"), "Overzicht");
	assert.equal(await page.getAttribute("html", "data-theme"), "dark");
	await page.context().close();
});

test("the check page says who would take part, and why not", async () => {
	const page = await open();
	await go(page, "#/check");
	await page.fill("#check-path", "/api/objects/3/12");
	await page.fill("#check-body", "{\"soort\": \"hond\"}");
	await page.click("button[type=submit]");
	await page.waitForSelector(".report");
	await picture(page, "checked-1600-light-en");
	assert.deepEqual(await faults(page), []);
	await page.context().close();
});

test("at 360 px the menu opens and closes", async () => {
	const page = await open({ width: 360, height: 740 });
	assert.equal(await page.isVisible("nav a"), false);
	await page.click(".menu");
	assert.equal(await page.getAttribute(".menu", "aria-expanded"), "true");
	await page.click("nav a >> nth=5");
	await page.waitForFunction(() => document.querySelector("h1")?.textContent === "Holds");
	assert.equal(await page.isVisible("nav a"), false);
	await page.context().close();
});

test("the first view is under 150 KiB over the wire", async () => {
	const page = await open({ signedIn: false });
	await page.context().close();
	const fresh = await open();
	await fresh.waitForSelector(".plot canvas");
	const sizes = await fresh.evaluate(() => performance.getEntriesByType("resource").filter((e) => !e.name.includes("/api/")).map((e) => e.transferSize));
	const total = sizes.reduce((a, b) => a + b, 0);
	console.log(`first view: ${sizes.length} files, ${total} bytes`);
	assert.ok(total > 0 && total < 150 * 1024, `${total} bytes`);
	await fresh.context().close();
});

test("what others wrote is text, never markup", { skip: !sample }, async () => {
	const page = await open();
	await go(page, "#/deliveries?success=false");
	await page.click("tbody a >> nth=0");
	await page.waitForSelector(".call pre");
	assert.match(await page.locator(".call").textContent(), /<script>alert\(1\)<\/script>/);
	await becomes(() => page.locator(".call script").count(), 0);
	assert.deepEqual(page.complaints, []);
	await page.context().close();
});

test("the tail grows, pauses, and goes on behind the last call after a reload", { skip: !sample }, async () => {
	const page = await open();
	await go(page, "#/deliveries");
	await page.waitForSelector(".connection.live");
	await page.waitForSelector("tr.fresh");
	await page.click("text=Pause");
	const before = await page.locator("tbody tr").count();
	await page.waitForFunction(() => /Go on \(\d/.test(document.body.textContent));
	await becomes(() => page.locator("tbody tr").count(), before);
	await page.click("button[aria-pressed=true]");
	await page.waitForFunction((n) => document.querySelectorAll("tbody tr").length > n, before);
	// A page has two streams, the tail's and the one of what needs attention, which
	// may not have heard anything yet; they come back in either order.
	const streams = async () => (await (await page.request.get(`${address}sample/resumed`)).text()).split(",");
	const opened = (await streams()).length;
	await page.request.get(`${address}sample/reload`);
	await becomes(async () => (await streams()).slice(opened).some((last) => /^\d+$/.test(last)), true);
	await page.waitForSelector(".connection.live");
	await page.fill("input[type=search]", "no-such-call");
	await page.waitForSelector(".empty");
	await page.context().close();
});

test("a failed call is looked at with its answer and tried again", { skip: !sample }, async () => {
	const page = await open();
	await go(page, "#/deliveries?success=false");
	await page.click("tbody a >> nth=0");
	await page.waitForSelector(".call");
	await page.click("text=Try again now");
	await page.waitForSelector(".call .note");
	assert.match(await text(page, ".call .note"), /Delivered now/);
	await page.context().close();
});

test("dead letters are replayed with progress and discarded with a reason", { skip: !sample }, async () => {
	const page = await open();
	await go(page, "#/dead-letters");
	const rows = page.locator("tbody tr");
	await rows.first().waitFor();
	const count = await rows.count();
	await page.check("tbody input >> nth=0");
	await page.check("tbody input >> nth=1");
	await page.click(".chosen button >> nth=0");
	await page.waitForSelector("progress");
	await page.waitForFunction((n) => document.querySelectorAll("tbody tr").length === n, count - 2);
	await page.check("tbody input >> nth=0");
	await page.click(".chosen button.bad");
	assert.equal(await page.isDisabled("dialog button.bad"), true, "not without a reason");
	await page.fill("dialog input", "sent by hand");
	await page.click("dialog button.bad");
	await page.waitForFunction((n) => document.querySelectorAll("tbody tr").length === n, count - 3);
	await page.click("text=Replay by filter");
	await page.waitForSelector("dialog[open]");
	assert.deepEqual(await faults(page), []);
	await picture(page, "view-replay-1600-light-en");
	await page.click("dialog footer button >> nth=1");
	await page.waitForFunction(() => [...document.querySelectorAll(".progress")].some((one) => /: done/.test(one.textContent)));
	await page.context().close();
});

test("a hold is settled only after a warning and a promise", { skip: !sample }, async () => {
	const page = await open();
	await go(page, "#/holds");
	await page.click("tbody button >> nth=0");
	await page.waitForSelector("dialog[open]");
	assert.deepEqual(await faults(page), []);
	await picture(page, "view-hold-1600-light-en");
	const settle = page.locator("dialog footer button >> nth=1");
	assert.equal(await settle.isDisabled(), true);
	await page.check("dialog input[value=no]");
	assert.equal(await settle.isDisabled(), true);
	await page.check("dialog input[type=checkbox]");
	await settle.click();
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
	await page.context().close();
});

test("a webhook of the Caddyfile is shown and not changed", { skip: !sample }, async () => {
	const page = await open();
	await go(page, "#/webhooks/4294967299");
	await page.waitForSelector(".note");
	await becomes(() => page.getByRole("button", { name: "Delete" }).count(), 0);
	await page.click("text=Resume now");
	await page.waitForFunction(() => /Working/.test(document.querySelector(".facts").textContent));
	await page.context().close();
});

test("a token that may only read is told what it lacks", { skip: !sample }, async () => {
	const page = await open({ signedIn: false });
	await page.fill("#token", "reader-token");
	await page.keyboard.press("Enter");
	await page.waitForSelector(".attention");
	await go(page, "#/webhooks/3");
	await page.click("text=Send a test");
	await page.waitForSelector(".trial .trouble");
	assert.match(await text(page, ".trial .trouble"), /scope/);
	await go(page, "#/deliveries");
	await page.click("tbody a >> nth=0");
	await page.waitForSelector(".call");
	assert.match(await text(page, ".call"), /read:payload/);
	await page.context().close();
});

test("too many wrong tokens are told to wait", { skip: !sample }, async () => {
	const page = await open({ signedIn: false });
	await page.waitForSelector("#token");
	for (let i = 0; i < 12; i++) {
		const answered = page.waitForResponse((r) => r.url().includes("/api/overview"));
		await page.fill("#token", `guess-${i}`);
		await page.keyboard.press("Enter");
		await answered;
	}
	await page.waitForFunction(() => /Wait 60 seconds/.test(document.querySelector("[role=alert]")?.textContent ?? ""));
	await page.fill("#token", token);
	await page.keyboard.press("Enter");
	await page.waitForSelector(".attention");
	await page.context().close();
});
