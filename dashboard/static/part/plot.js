// A plot over time, painted by uPlot. Lines differ in dashes, not in colour
// alone, and the same figures are a table for who cannot see them.
import { html, useEffect, useRef, useState } from "../view.js";
import uPlot from "../library/uplot.js";
import { t, language } from "../language.js";
import { moment } from "../format.js";

const height = 190;
const tableRows = 12;
const colour = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Plot: times are seconds since 1970; lines are [{label, values, colour, dash?,
// fill?}]; write makes a text of a value.
export function Plot({ title, summary, times, lines, write }) {
	const box = useRef(null);
	const plot = useRef(null);
	useEffect(() => {
		const place = box.current;
		const width = () => Math.max(place.clientWidth, 200);
		plot.current = new uPlot(options(lines, write, width()), [times, ...lines.map((line) => line.values)], place);
		const resized = new ResizeObserver(() => plot.current.setSize({ width: width(), height }));
		const repaint = () => plot.current.redraw(false, true);
		resized.observe(place);
		document.addEventListener("themechange", repaint);
		return () => {
			resized.disconnect();
			document.removeEventListener("themechange", repaint);
			plot.current.destroy();
		};
	}, []);
	useEffect(() => plot.current.setData([times, ...lines.map((line) => line.values)]), [times, lines]);
	return html`
		<section class="plot">
			<h3>${title}</h3>
			<div ref=${box} role="img" aria-label="${title}. ${summary}"></div>
			<${Figures} title=${title} times=${times} lines=${lines} write=${write} />
		</section>`;
}

function options(lines, write, width) {
	const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--hair"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
	const clock = new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
	return {
		width, height, padding: [8, 10, 0, 0],
		// Without a pointer in the plot the legend tells the newest figures.
		legend: { live: true, markers: { dash: (_, i) => (lines[i - 1]?.dash ? (lines[i - 1].dash[0] > 4 ? "dashed" : "dotted") : "solid") } },
		hooks: { setCursor: [(u) => { if (u.cursor.idx === null || u.cursor.idx === undefined) showNewest(u); }], setData: [showNewest] },
		cursor: { y: false, points: { size: 7 } },
		scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.1, 1)] } },
		axes: [
			{ ...axis, space: 70, size: 30, values: (_, ticks) => ticks.map((at) => clock.format(at * 1000)) },
			{ ...axis, size: 62, space: 34, values: (_, ticks) => ticks.map((v) => write(v)) },
		],
		series: [
			{ label: t("time"), value: (_, at) => (at ? moment(at * 1000) : "–") },
			...lines.map((line) => ({
				label: line.label, stroke: colour(line.colour), width: 2, dash: line.dash,
				points: { show: false, filter: (u, series) => isolated(u.data[series]), size: 5, fill: colour(line.colour) },
				fill: line.fill && colour(line.fill), value: (_, v) => (v === null || v === undefined ? "–" : write(v)),
			})),
		],
	};
}

// isolated gives the places of values without neighbours, through which no line
// goes: a gateway that has just started, or is called once an hour, has only such.
// It is null when there are none.
export function isolated(values) {
	const known = (v) => v !== null && v !== undefined;
	const alone = [];
	values.forEach((v, i) => { if (known(v) && !known(values[i - 1]) && !known(values[i + 1])) alone.push(i); });
	return alone.length > 0 ? alone : null;
}

const showNewest = (u) => u.setLegend({ idx: u.data[0].length - 1 }, false);

// Figures is a table of about a dozen points. It is made when it is opened.
function Figures({ title, times, lines, write }) {
	const [open, set] = useState(false);
	const step = Math.max(1, Math.ceil(times.length / tableRows));
	const rows = times.map((at, i) => [at, i]).filter(([, i]) => i % step === 0);
	return html`
		<details onToggle=${(e) => set(e.currentTarget.open)}>
			<summary>${t("plot.table")}<span class="unseen"> ${title}</span></summary>
			${open && html`<div class="tablebox"><table class="figures"><thead><tr><th scope="col">${t("time")}</th>${lines.map((line) => html`<th scope="col">${line.label}</th>`)}</tr></thead>
				<tbody>${rows.map(([at, i]) => html`<tr><th scope="row">${moment(at * 1000)}</th>${lines.map((line) => html`<td>${line.values[i] === null ? "–" : write(line.values[i])}</td>`)}</tr>`)}</tbody></table></div>`}
		</details>`;
}
