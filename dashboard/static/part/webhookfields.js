// The fields of the form of a webhook: where each stands in the webhook's JSON
// (a JSON Pointer), how it is entered, and when it is shown. Their words are
// field.<name>.label and field.<name>.help in the languages.
import { nearest } from "./summary.js";

const asks = (draft) => draft["/configuration/interceptRequests"] === "asks";
const tells = (draft) => !asks(draft);
const changes = (draft) => asks(draft) && draft["/configuration/processResponse"] === true;

const field = (pointer, kind, more = {}) => ({ pointer, kind, name: pointer.split("/").at(-1), ...more });
const choice = (pointer, options, more) => field(pointer, "choice", { options, ...more });

export const groups = [
	{
		name: "basics",
		fields: [
			field("/name", "text", { required: true, limit: 255 }),
			field("/url", "url", { required: true, limit: 1024 }),
			choice("/configuration/interceptRequests", ["asks", "tells"], { required: true, radio: true }),
			field("/enabled", "switch", { standard: true }),
			choice("/method", ["POST", "PUT", "PATCH", "DELETE"], { standard: "POST" }),
			field("/timeout", "text", { standard: "30", placeholder: "30" }),
		],
	},
	{
		name: "events",
		fields: [
			field("/events", "lines", { suggest: true }),
			field("/filters", "filters"),
			field("/when", "text", { code: true }),
		],
	},
	{
		name: "answer",
		shown: asks,
		fields: [
			field("/configuration/processResponse", "switch", { standard: false }),
			choice("/configuration/responseProcessing/mergeStrategy", ["merge", "replace", "custom", "merge-patch", "json-patch"], { standard: "merge", shown: changes }),
			field("/configuration/responseProcessing/fieldMapping", "pairs", { shown: (d) => changes(d) && d["/configuration/responseProcessing/mergeStrategy"] === "custom" }),
			choice("/configuration/onFailure", ["reject", "allow", "flag", "queue"], { standard: "reject" }),
			choice("/configuration/onTimeout", ["reject", "allow", "flag", "queue"], { standard: "" }),
			choice("/configuration/onUnreachable", ["reject", "allow", "flag", "queue"], { standard: "" }),
			choice("/configuration/mode", ["enforce", "warn", "shadow", "off"], { standard: "enforce" }),
			field("/configuration/order", "number", { standard: "0" }),
			field("/configuration/async", "switch", { standard: false }),
		],
	},
	{
		name: "delivery",
		shown: tells,
		fields: [
			choice("/format", ["cloudevents", "cloudevents-binary", "cloudevents-batch", "openregister", "openregister-cloudevent"], { standard: "cloudevents" }),
			field("/batchSize", "number", { standard: "50", shown: (d) => tells(d) && d["/format"] === "cloudevents-batch" }),
			choice("/retryPolicy", ["exponential", "linear", "fixed", "standard-webhooks", "open-notificaties"], { standard: "exponential" }),
			field("/maxRetries", "number", { placeholder: "3" }),
			field("/noRetryOn", "numbers", { placeholder: "404, 422" }),
			field("/ordered", "switch", { standard: false }),
			choice("/orderPolicy", ["park", "hold", "skip-after"], { standard: "park", shown: (d) => tells(d) && d["/ordered"] === true }),
			field("/skipAfter", "number", { shown: (d) => tells(d) && d["/ordered"] === true && d["/orderPolicy"] === "skip-after" }),
			field("/concurrency", "number", { standard: "16" }),
		],
	},
	{
		name: "trust",
		fields: [
			field("/secret", "secret"),
			choice("/signature", ["standard-webhooks", "openregister", "sha256"], { standard: "", list: true }),
			field("/headers", "pairs", { secretValues: true }),
		],
	},
	{
		name: "rest",
		fields: [field("", "rest")],
	},
];

export const fields = groups.flatMap((group) => group.fields.map((f) => ({ ...f, group: group.name })));

// isShown tells whether a field takes part, as things stand in the form.
export function isShown(one, draft) {
	const group = groups.find((g) => g.name === one.group);
	return (!group.shown || group.shown(draft)) && (!one.shown || one.shown(draft));
}

// fieldOf finds the field that a pointer of the server's is about.
export const fieldOf = (pointer) => nearest(fields, pointer);
