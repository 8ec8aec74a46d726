// What an operator wants to know first: does anything need attention; then what
// happened in the last hour.
import { html, useMemo, useState } from "../view.js";
import { t } from "../language.js";
import { to } from "../router.js";
import { useLoad, useInterval, useThrottled } from "../load.js";
import { useLive } from "../live.js";
import { number, percent, milliseconds } from "../format.js";
import { Heading } from "../part/heading.js";
import { Trouble } from "../part/trouble.js";
import { Connection } from "../part/connection.js";
import { Attention } from "../part/attention.js";
import { Plot } from "../part/plot.js";
import { When } from "../part/when.js";

const windows = [900, 3600];

export function Overview() {
	const [span, setSpan] = useState(3600);
	const { body, problem, again } = useLoad(`overview?window=${span}`);
	const soon = useThrottled(again, 2000);
	const state = useLive(["overview", "lanes"], soon);
	useInterval(again, 15_000);
	return html`
		<${Heading} title=${t("way.overview")} lead=${body && html`${t("overview.since", { version: body.version.split(" ")[0], gateway: body.gateway })} <${When} at=${body.startedAt} relative />`}>
			<${Connection} state=${state} />
			<label class="inline"><span>${t("overview.window")}</span>
				<select value=${span} onChange=${(e) => setSpan(Number(e.target.value))}>
					${windows.map((s) => html`<option value=${s}>${t("overview.minutes", { n: s / 60 })}</option>`)}
				</select></label>
		<//>
		<${Trouble} problem=${problem} again=${again} />
		${body && html`
			<${Attention} entries=${body.attention} store=${body.store} />
			<${Totals} totals=${body.totals} />
			<${Plots} series=${body.series} startedAt=${body.startedAt} />`}`;
}

function Totals({ totals }) {
	const tiles = [
		["overview.success", percent(totals.successful, totals.attempts), t("overview.attempts", { n: number(totals.attempts) }), to("deliveries")],
		["overview.pending", number(totals.pending), t("overview.retrying", { n: number(totals.retrying) }), to("deliveries", { success: "false" })],
		["overview.dead", number(totals.deadLetters), t("overview.skipped", { n: number(totals.skipped) }), to("dead-letters")],
		["overview.holds", number(totals.holds), t("overview.holdsHelp"), to("holds")],
		["overview.webhooks", number(totals.webhooks), t("overview.enabled", { n: number(totals.enabled) }), to("webhooks")],
	];
	return html`
		<section aria-label=${t("overview.totals")}>
			<ul class="tiles">${tiles.map(([key, value, help, href]) => html`
				<li><a href=${href}><span class="what">${t(key)}</span><span class="figure">${value}</span><span class="quiet">${help}</span></a></li>`)}</ul>
		</section>`;
}

const rate = (step) => (n) => n / step;
const perSecond = (v) => t("persecond", { n: new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 2 }).format(v) });
const share = (v) => percent(v, 1);

// lines makes the four plots of the points.
function draw({ points, step }) {
	const each = (f) => points.map(f);
	const success = each((p) => (p.attempts ? (p.attempts - p.failed) / p.attempts : null));
	return {
		times: each((p) => Date.parse(p.at) / 1000),
		throughput: [
			{ label: t("plot.attempts"), values: each((p) => rate(step)(p.attempts)), colour: "--line-1", fill: "--fill-1" },
			{ label: t("plot.failed"), values: each((p) => rate(step)(p.failed)), colour: "--line-bad", dash: [2, 4] },
			{ label: t("plot.asked"), values: each((p) => rate(step)(p.interceptions)), colour: "--line-2", dash: [8, 4] },
			{ label: t("plot.blocked"), values: each((p) => rate(step)(p.blocked)), colour: "--line-3", dash: [8, 3, 2, 3] },
		],
		success: [{ label: t("plot.success"), values: success, colour: "--line-good", fill: "--fill-good" }],
		latency: [
			{ label: "p50", values: each((p) => p.p50Ms), colour: "--line-1" },
			{ label: "p95", values: each((p) => p.p95Ms), colour: "--line-2", dash: [8, 4] },
			{ label: "p99", values: each((p) => p.p99Ms), colour: "--line-3", dash: [2, 4] },
		],
		queue: [{ label: t("plot.queued"), values: each((p) => p.queued), colour: "--line-2", fill: "--fill-2" }],
	};
}

// since leaves away what was before the gateway started, down to five minutes.
function since({ points, step }, startedAt) {
	const first = points.findIndex((p) => Date.parse(p.at) + step * 1000 > Date.parse(startedAt));
	const fewest = Math.min(points.length, 300 / step);
	return { points: points.slice(Math.min(Math.max(first, 0), points.length - fewest)), step };
}

const newest = (values) => values.findLast((v) => v !== null && v !== undefined);
const most = (values) => values.reduce((a, b) => Math.max(a, b ?? 0), 0);

function Plots({ series, startedAt }) {
	const plots = useMemo(() => draw(since(series, startedAt)), [series]);
	const { times, throughput, success, latency, queue } = plots;
	const now = (line, write) => t("plot.now", { now: newest(line.values) === undefined ? "–" : write(newest(line.values)), most: write(most(line.values)) });
	return html`
		<section class="plots" aria-label=${t("overview.plots")}>
			<h2 class="unseen">${t("overview.plots")}</h2>
			<${Plot} title=${t("plot.throughput")} summary=${now(throughput[0], perSecond)} times=${times} lines=${throughput} write=${perSecond} />
			<${Plot} title=${t("plot.success")} summary=${now(success[0], share)} times=${times} lines=${success} write=${share} />
			<${Plot} title=${t("plot.latency")} summary=${now(latency[1], milliseconds)} times=${times} lines=${latency} write=${milliseconds} />
			<${Plot} title=${t("plot.queue")} summary=${now(queue[0], number)} times=${times} lines=${queue} write=${number} />
		</section>`;
}
