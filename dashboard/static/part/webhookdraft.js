// Between a webhook's JSON and what stands in the form: texts, lists of lines,
// and pairs. Every function here is free of the page.
import { fields, isShown } from "./webhookfields.js";

// What only the server sets is not shown among the rest.
const served = new Set(["id", "uuid", "created", "updated", "lastTriggeredAt", "lastSuccessAt", "lastFailureAt", "totalDeliveries",
	"successfulDeliveries", "failedDeliveries", "readOnly", "state", "stateUntil", "fault", "pending", "retrying", "deadLetters", "skipped",
	"organisation", "mapping", "revision", "links", "_links", "_self"]);

export const masked = "***";

const steps = (pointer) => pointer.split("/").slice(1);

export const at = (document, pointer) => steps(pointer).reduce((value, step) => value?.[step], document);

export function put(document, pointer, value) {
	const path = steps(pointer);
	const last = path.pop();
	const parent = path.reduce((value, step) => (value[step] ??= {}), document);
	parent[last] = value;
}

// scalar reads one value of a filter: JSON when it is a JSON scalar, else text.
export function scalar(text) {
	try {
		const value = JSON.parse(text);
		if (value === null || typeof value !== "object") return value;
	} catch { /* plain text */ }
	return text;
}

// writeScalar is its opposite.
export const writeScalar = (value) => (typeof value === "string" && scalar(value) === value ? value : JSON.stringify(value));

const toForm = {
	text: (v) => (v === undefined || v === null ? "" : String(v)),
	choice: (v) => (Array.isArray(v) ? v[0] ?? "" : v ?? ""),
	switch: (v) => v ?? undefined,
	lines: (v) => (v ?? []).join("\n"),
	numbers: (v) => (v ?? []).join(", "),
	pairs: (v) => Object.entries(v ?? {}).map(([name, value]) => ({ name, value })),
	filters: (v) => Object.entries(v ?? {}).map(([name, value]) => ({ name, value: [value].flat().map(writeScalar).join("\n") })),
	secret: (v) => ({ kept: Boolean(v), value: "" }),
};
toForm.url = toForm.number = toForm.text;

const toJSON = {
	text: (v) => v.trim() || undefined,
	choice: (v) => v || undefined,
	switch: (v) => v,
	number: (v) => (v.trim() === "" ? undefined : Number.isNaN(Number(v)) ? v : Number(v)),
	lines: (v) => v.split("\n").map((line) => line.trim()).filter(Boolean),
	numbers: (v) => v.split(/[\s,]+/).filter(Boolean).map((n) => (Number.isNaN(Number(n)) ? n : Number(n))),
	pairs: (v) => Object.fromEntries(v.filter((p) => p.name.trim()).map((p) => [p.name.trim(), p.value])),
	filters: (v) => Object.fromEntries(v.filter((p) => p.name.trim()).map((p) => [p.name.trim(), filterValue(p.value)])),
	secret: (v) => v.value || (v.kept && !v.drop ? masked : undefined),
};
toJSON.url = toJSON.text;

function filterValue(text) {
	const values = text.split("\n").filter((line) => line !== "").map(scalar);
	return values.length === 1 ? values[0] : values;
}

// draftOf fills the form with a webhook, or with the defaults.
export function draftOf(webhook) {
	const draft = {};
	for (const f of fields) {
		if (f.kind === "rest") draft[f.pointer] = restOf(webhook);
		else draft[f.pointer] = toForm[f.kind](at(webhook, f.pointer)) ?? f.standard;
		if (f.kind === "choice" && draft[f.pointer] === "") draft[f.pointer] = f.standard ?? "";
	}
	draft["/configuration/interceptRequests"] = webhook.configuration?.interceptRequests ? "asks" : "tells";
	return draft;
}

// restOf is what the form has no field for, as JSON to edit.
function restOf(webhook) {
	const rest = structuredClone(webhook);
	for (const name of served) delete rest[name];
	for (const f of fields) if (f.pointer) remove(rest, steps(f.pointer));
	return Object.keys(rest).length ? JSON.stringify(rest, null, 2) : "";
}

// remove takes a member away, and its parents when they become empty.
function remove(document, [step, ...more]) {
	if (!document || !(step in document)) return;
	if (more.length) remove(document[step], more);
	if (!more.length || (typeof document[step] === "object" && document[step] !== null && Object.keys(document[step]).length === 0)) delete document[step];
}

// webhookOf writes the whole webhook that the form describes. What is at its
// default is left out unless the webhook had it. It throws a SyntaxError when
// the rest is not JSON.
export function webhookOf(draft, before = {}) {
	const webhook = draft[""].trim() ? JSON.parse(draft[""]) : {};
	for (const f of fields) {
		if (f.kind === "rest") continue;
		if (!isShown(f, draft)) {
			keepHidden(f, draft, before, webhook);
			continue;
		}
		let value = f.pointer === "/configuration/interceptRequests" ? draft[f.pointer] === "asks" : toJSON[f.kind](draft[f.pointer]);
		if (f.list && value) value = at(before, f.pointer)?.[0] === value ? at(before, f.pointer) : [value];
		const had = !isEmpty(at(before, f.pointer));
		const standard = value === undefined || value === false && f.name === "interceptRequests" || String(value) === String(f.standard ?? "") || (typeof value === "object" && Object.keys(value).length === 0);
		if (had || !standard) put(webhook, f.pointer, value);
	}
	if (/^\d+$/.test(webhook.timeout ?? "")) webhook.timeout = Number(webhook.timeout);
	return webhook;
}

// keepHidden leaves a setting that the form does not show as it was, unless it
// was hidden by another choice in the form: then it goes.
function keepHidden(f, draft, before, webhook) {
	const value = at(before, f.pointer);
	if (value !== undefined && !isShown(f, draftOf(before))) put(webhook, f.pointer, value);
}

// changesOf gives the members in which a webhook differs from what it was; null
// for those that are gone.
export function changesOf(webhook, before) {
	const same = (a, b) => JSON.stringify(sorted(a ?? null)) === JSON.stringify(sorted(b ?? null));
	const changes = {};
	for (const name of Object.keys(webhook)) if (!same(webhook[name], before[name])) changes[name] = webhook[name] ?? null;
	for (const name of Object.keys(before)) if (!served.has(name) && !(name in webhook) && !isEmpty(before[name])) changes[name] = null;
	return changes;
}

// sorted gives a value with the members of its objects in one order.
function sorted(value) {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

const isEmpty = (value) => value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
