// An operator's day at a real gateway with a register and receivers around it,
// which e2e/dashboard_browser_test.go starts. The tests follow each other.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { becomes, openBrowser, closeBrowser, open, go, faults, tooWide, token } from "./stage.js";
import { told, door, write, receivers, site } from "./gateway.js";

let page;
before(async () => {
	await openBrowser();
	page = await open({ signedIn: false });
	page.setDefaultTimeout(30_000);
});
after(closeBrowser);

const text = (selector) => page.locator(selector).first().textContent();
const heading = (wanted) => page.waitForFunction((is) => document.querySelector("h1")?.textContent === is, wanted);
// row is the first row of a table that has all the texts.
const row = (...texts) => texts.reduce((rows, one) => rows.filter({ hasText: one }), page.locator("tbody tr")).first();
const calm = async () => {
	assert.deepEqual(await faults(page), []);
	assert.deepEqual(page.complaints.splice(0), []);
};

test("the operator signs in", async () => {
	await page.fill("#token", token);
	await page.keyboard.press("Enter");
	await heading("Overview");
	await page.waitForSelector(".plot canvas");
	await page.waitForSelector(".connection.live");
	await calm();
});

test("makes a webhook, is told what is wrong with it, and tests it", async () => {
	await go(page, "#/webhooks/new");
	await page.fill("#field-name", "portal");
	await page.fill("#field-url", "ftp://nowhere");
	await page.click("button[type=submit]");
	await page.waitForSelector("#field-url-wrong");
	await calm();
	await page.fill("#field-url", `${receivers}/portal`);
	await page.fill("#field-events", "object.created");
	await page.click("button[type=submit]");
	await heading("portal");
	await page.click("text=Send a test");
	await page.waitForSelector(".result");
	assert.match(await text(".result"), /Success.*200/s);
	assert.match(await text(".result"), /"accepted": true/, "the answer of the receiver");
	assert.equal(await told("portal"), 1);
	await calm();
});

test("sees a delivery come in, and its body", async () => {
	await go(page, "#/deliveries");
	await page.waitForSelector(".connection.live");
	assert.equal((await write("POST", "cats", { name: "Minoes" })).status, 201);
	const fresh = row("portal", "object.created", "Success");
	await fresh.waitFor();
	await fresh.locator("a").first().click();
	await page.waitForSelector(".call pre");
	assert.match(await text(".call"), /"name": "Minoes"/);
	await row("warehouse", "Delivered").waitFor();
	await calm();
});

test("sees what was blocked and what was changed", async () => {
	await go(page, "#/interceptions");
	await page.waitForSelector(".connection.live");
	const blocked = await write("POST", "cats", { name: "Forbidden" });
	assert.equal(blocked.status, 422);
	assert.match(await blocked.text(), /this name is not allowed/);
	const changed = await write("POST", "cats", { name: "Felix", postcode: "3811 AA" });
	assert.match(await changed.text(), /Amersfoort/);
	await row("rules", "Blocked").waitFor();
	await row("address-lookup", "Changed", "/city").waitFor();
	await calm();
});

test("the tail goes on when the configuration is loaded anew", async () => {
	await go(page, "#/deliveries");
	await page.waitForSelector(".connection.live");
	await write("POST", "cats", { name: "before the reload" });
	// From then on the page knows what it saw last: the portal and the warehouse were told.
	await page.waitForFunction(() => document.querySelectorAll("tr.fresh").length === 2);
	const streams = [];
	page.on("request", (request) => { if (request.url().includes("/api/stream")) streams.push(request.headers()["last-event-id"] ?? ""); });
	await door("reload");
	// What happens while nobody listens is told to who comes back.
	await write("POST", "cats", { name: "after the reload" });
	await becomes(() => streams.some((last) => last !== ""), true, "it asks for what came behind the last that it saw");
	await page.waitForFunction(() => document.querySelectorAll("tr.fresh").length === 4);
	await page.waitForSelector(".connection.live");
	await calm();
});

test("dead letters are looked at, replayed and discarded", async () => {
	for (const name of ["first", "second", "third"]) assert.equal((await write("POST", "cases", { name })).status, 201);
	await becomes(() => told("cases"), 3);
	await go(page, "#/overview");
	await page.waitForFunction(() => /case-system/.test(document.querySelector(".attention")?.textContent ?? ""));
	await calm();
	await page.locator(".attention li", { hasText: "case-system" }).locator("a").first().click();
	await heading("Dead letters");
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 3);
	await calm();
	await page.click("tbody a >> nth=0");
	await heading("Dead letter");
	await page.waitForSelector(".code pre");
	assert.match(await text(".code pre"), /"name": "third"/, "the newest stands first");
	await row("503").waitFor();
	await calm();
	await door("cases/well");
	await page.getByRole("button", { name: "Replay" }).click();
	await heading("Dead letters");
	await becomes(() => told("cases"), 4);
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 2);
	await page.check("tbody input >> nth=0");
	await page.click(".chosen button.bad");
	await page.fill("dialog input", "sent by hand");
	await calm();
	await page.click("dialog button.bad");
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
	await page.click("text=Replay by filter");
	await page.click("dialog footer button >> nth=1");
	await page.waitForFunction(() => [...document.querySelectorAll(".progress")].some((one) => /: done/.test(one.textContent)));
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 0);
	await becomes(() => told("cases"), 5);
	await calm();
});

test("a failed call is tried again by hand", async () => {
	await go(page, "#/deliveries?success=false");
	const failed = row("case-system");
	await failed.waitFor();
	await failed.locator("a").first().click();
	await page.waitForSelector(".call");
	assert.match(await text(".call"), /being maintained/);
	await page.click("text=Try again now");
	await page.waitForSelector(".call .note");
	assert.match(await text(".call .note"), /Success/);
	await calm();
});

test("the check says who would take part", async () => {
	await go(page, "#/check");
	await page.fill("#check-path", "/api/objects/pets/cats");
	await page.fill("#check-body", "{\"name\": \"Minoes\"}");
	await page.click("button[type=submit]");
	await page.waitForSelector(".report");
	assert.match(await text(".report .facts"), /object\.creating/);
	await row("rules", "Takes part").waitFor();
	assert.match(await row("case-system").textContent(), /schema/);
	await calm();
});

test("a write that the register says nothing of is settled by hand", async () => {
	const before = await told("portal");
	assert.ok((await write("PUT", "cats/lost", { name: "Lost" })).status >= 500);
	await go(page, "#/holds");
	await row("PUT /api/objects/pets/cats/lost").waitFor();
	await row("lost").getByRole("button").click();
	await page.check("dialog input[value=yes]");
	await page.check("dialog input[type=checkbox]");
	await calm();
	await page.locator("dialog footer button >> nth=1").click();
	await page.waitForSelector("main .empty");
	await go(page, "#/deliveries");
	await row("warehouse", "object.updated").waitFor();
	assert.equal(await told("portal"), before, "which hears of created objects only");
	await calm();
});

test("messages are sent again to one webhook, and a slow replay is stopped", async () => {
	const before = await told("portal");
	await go(page, "#/replay");
	await page.locator("#field-webhook option", { hasText: "portal" }).waitFor({ state: "attached" });
	await becomes(() => page.locator("#field-webhook option", { hasText: "rules" }).count(), 0);
	await page.click("form button[type=submit]");
	await page.waitForSelector("#field-since-wrong");
	await calm();
	await page.selectOption("#field-webhook", { label: "portal" });
	await page.fill("#field-since", "2026-01-01T00:00");
	await page.click("form button[type=submit]");
	await row("portal", "done").waitFor();
	await page.waitForFunction((n) => Number(/([0-9]+) \/ /.exec(document.querySelector("tbody tr").textContent)?.[1]) > n, 2);
	assert.ok(await told("portal") > before, "the receiver has them once more");
	await page.fill("#field-rate", "0.01");
	await page.click("form button[type=submit]");
	await page.getByRole("button", { name: "Stop it portal" }).click();
	await row("portal", "cancelled").waitFor();
	await calm();
});

test("a subscription that fetches is made; its queue grows, is paused, and goes with it", async () => {
	await go(page, "#/subscriptions/new");
	await page.fill("#field-reference", "night shift");
	await page.check("input[value=pull]");
	await page.fill("#field-types", "object.created");
	await page.click("button[type=submit]");
	await row("night shift", "Active").waitFor();
	await write("POST", "cats", { name: "Nightly" });
	const waiting = async () => (await row("night shift").locator("td.number .value").textContent()).trim();
	await becomes(waiting, "1");
	await page.getByRole("button", { name: "Pause night shift" }).click();
	await row("night shift", "Paused").waitFor();
	await calm();
	await page.getByRole("button", { name: "Delete… night shift" }).click();
	await page.click("dialog button.bad");
	await becomes(() => page.locator("tbody tr", { hasText: "night shift" }).count(), 0);
	await row("warehouse", "Caddyfile").waitFor();
	await calm();
});

test("every page, narrow and wide, in both languages", async () => {
	for (const [width, scheme, language] of [[360, "dark", "nl"], [1600, "light", "en"]]) {
		const other = await open({ width, height: 740, scheme, language });
		for (const hash of ["#/overview", "#/webhooks", "#/webhooks/1", "#/webhooks/1/edit", "#/deliveries", "#/dead-letters", "#/interceptions", "#/holds", "#/check", "#/replay", "#/subscriptions", "#/subscriptions/new"]) {
			await go(other, hash);
			await other.waitForFunction(() => document.querySelector("main h1")?.textContent);
			assert.deepEqual(await tooWide(other), [], hash);
			assert.deepEqual(await faults(other), [], hash);
			await becomes(() => other.locator("main .trouble").count(), 0, hash);
		}
		assert.deepEqual(other.complaints, []);
		await other.context().close();
	}
});

test("the webhook is deleted, and told of nothing more", async () => {
	const before = await told("portal");
	await go(page, "#/webhooks/1");
	await heading("portal");
	await page.click("text=Delete");
	await page.click("dialog button.bad");
	await heading("Webhooks");
	const warehouse = await told("warehouse");
	await write("POST", "cats", { name: "Last" });
	await becomes(() => told("warehouse"), warehouse + 1);
	assert.equal(await told("portal"), before);
	assert.ok(!(await page.content()).includes(token), `the token stands nowhere in the page of ${site}`);
	await calm();
});
