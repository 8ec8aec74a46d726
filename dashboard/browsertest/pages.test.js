// Every page, in both languages, light and dark, narrow and wide: no serious
// finding of axe, nothing that sticks out, no complaint of the browser.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { becomes, openBrowser, closeBrowser, open, go, faults, tooWide, picture, sample } from "./stage.js";

const pages = {
	overview: "#/overview", webhooks: "#/webhooks", "new-webhook": "#/webhooks/new", deliveries: "#/deliveries", "dead-letters": "#/dead-letters",
	interceptions: "#/interceptions", holds: "#/holds", check: "#/check", replay: "#/replay", subscriptions: "#/subscriptions", "new-subscription": "#/subscriptions/new", missing: "#/nowhere",
	...(sample && { webhook: "#/webhooks/3", fixed: "#/webhooks/4294967299", edit: "#/webhooks/1/edit", message: "#/events/0190b0c4-eeee-7000-8000-000000000000", "dead-letter": "#/dead-letters/0190b0c4-0000-7000-8000-000000000003/900" }),
};

before(openBrowser);
after(closeBrowser);

for (const width of [360, 1600]) {
	for (const scheme of ["light", "dark"]) {
		for (const language of ["en", "nl"]) {
			test(`pages at ${width} px, ${scheme}, ${language}`, async (t) => {
				const page = await open({ width, height: width === 360 ? 740 : 1000, scheme, language });
				for (const [name, hash] of Object.entries(pages)) {
					await t.test(name, async () => {
						await go(page, hash);
						await page.waitForTimeout(250);
						assert.equal(await page.getAttribute("html", "lang"), language);
						assert.deepEqual(await tooWide(page), []);
						await picture(page, `${name}-${width}-${scheme}-${language}`);
						assert.deepEqual(await faults(page), []);
						await becomes(() => page.locator("main .trouble").count(), 0, "the API answered with a problem");
						assert.deepEqual(page.complaints.splice(0), []);
					});
				}
				await page.context().close();
			});
		}
	}
}

test("signing in, at both widths", async () => {
	for (const [width, scheme] of [[360, "dark"], [1600, "light"]]) {
		const page = await open({ width, scheme, signedIn: false });
		await page.waitForSelector("#token");
		assert.deepEqual(await tooWide(page), []);
		await picture(page, `signin-${width}-${scheme}-en`);
		assert.deepEqual(await faults(page), []);
		await page.context().close();
	}
});
