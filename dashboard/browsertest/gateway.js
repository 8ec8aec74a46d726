// What stands around a real gateway: the register behind it, the receivers, and
// a door for what an operator does elsewhere (e2e/dashboard_gateway_test.go).
import assert from "node:assert/strict";

export const site = process.env.VOORPOORT_SITE;
export const receivers = process.env.VOORPOORT_RECEIVERS;

// door opens the door: "reload", "cases/well", "cases/ill".
export async function door(what) {
	const answer = await fetch(`${process.env.VOORPOORT_DOOR}/${what}`, { method: "POST" });
	assert.equal(answer.status, 200, `${what}: ${await answer.text()}`);
}

// told is how often a receiver was called.
export const told = async (path) => (await (await fetch(`${process.env.VOORPOORT_DOOR}/told/${path}`)).json()).calls;

// write sends a write to the register, through the gateway. Just after a reload
// the old server may close a connection without an answer.
export async function write(method, where, document) {
	for (let attempt = 1; ; attempt++) {
		try {
			return await fetch(`${site}/api/objects/pets/${where}`, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(document) });
		} catch (error) {
			if (attempt === 10) throw error;
		}
	}
}
