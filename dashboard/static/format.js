// Numbers, times and names as people read them, in the language chosen.
import { language, has, t } from "./language.js";

const empty = "–";

export const number = (n) => (n === null || n === undefined ? empty : new Intl.NumberFormat(language()).format(n));

export function percent(part, whole) {
	if (!whole) return empty;
	const digits = part === whole || part / whole < 0.99 ? 0 : 2; // 99.95 % is not 100 %
	return new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: digits }).format(part / whole);
}

export function milliseconds(ms) {
	if (ms === null || ms === undefined) return empty;
	const of = (value, unit, digits) => new Intl.NumberFormat(language(), { style: "unit", unit, maximumFractionDigits: digits }).format(value);
	if (ms > 0 && ms < 1) return of(ms * 1000, "microsecond", 0);
	if (ms < 10) return of(ms, "millisecond", 1);
	return ms < 1000 ? of(ms, "millisecond", 0) : of(ms / 1000, "second", 2);
}

export function bytes(n) {
	if (n === null || n === undefined) return empty;
	const of = (value, unit) => new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "narrow", maximumFractionDigits: 1 }).format(value);
	if (n < 1000) return of(n, "byte");
	return n < 1e6 ? of(n / 1000, "kilobyte") : of(n / 1e6, "megabyte");
}

const day = (date) => date.toDateString();

// moment is a time: of the day when it is today, else with the date.
export function moment(text) {
	const date = new Date(text);
	if (!text || Number.isNaN(date.getTime())) return empty;
	const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
	const options = day(date) === day(new Date()) ? clock : { day: "numeric", month: "short", ...clock };
	return new Intl.DateTimeFormat(language(), options).format(date);
}

export function fullMoment(text) {
	const date = new Date(text);
	if (!text || Number.isNaN(date.getTime())) return empty;
	return new Intl.DateTimeFormat(language(), { dateStyle: "full", timeStyle: "long" }).format(date);
}

// instant is what the clock of a field says, as the API wants it.
export const instant = (local) => (local ? new Date(local).toISOString() : undefined);

const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

export function span(seconds) {
	const [unit, size] = units.find(([, size]) => seconds >= size) ?? units.at(-1);
	return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "long" }).format(Math.round(seconds / size));
}

// ago says how long before or after now a time is.
export function ago(text) {
	const date = new Date(text);
	if (!text || Number.isNaN(date.getTime())) return empty;
	const seconds = (date - Date.now()) / 1000;
	const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units.at(-1);
	return new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

// known gives our words for a name of the server's, or the name itself.
export const known = (group, name) => (has(`${group}.${name}`) ? t(`${group}.${name}`) : String(name ?? empty));

// pretty writes JSON for reading; what is no JSON stays as it is.
export function pretty(value) {
	if (value === null || value === undefined || value === "") return "";
	if (typeof value !== "string") return JSON.stringify(value, null, 2);
	try {
		return JSON.stringify(JSON.parse(value), null, 2);
	} catch {
		return value;
	}
}
