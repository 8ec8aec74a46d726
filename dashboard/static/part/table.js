// A table that becomes a list of cards where the screen is narrow. The roles are
// written out, because a browser forgets them when CSS changes the display.
import { html } from "../view.js";
import { t } from "../language.js";

// Table: columns are [{key, title, cell(row), number?, hideTitle?, minor?(row)}];
// the first column names the row, and minor cells are left out of cards.
export function Table({ caption, columns, rows, keyOf, empty, rowClass }) {
	if (!rows.length) return html`<p class="empty">${empty ?? t("nothing")}</p>`;
	return html`
		<div class="tablebox">
			<table role="table">
				<caption class="unseen">${caption}</caption>
				<thead role="rowgroup"><tr role="row">${columns.map((c) => html`
					<th role="columnheader" scope="col" class=${c.number ? "number" : ""}>${c.hideTitle ? html`<span class="unseen">${c.title}</span>` : c.title}</th>`)}</tr></thead>
				<tbody role="rowgroup">${rows.map((row) => html`
					<tr role="row" key=${keyOf(row)} class=${rowClass?.(row) ?? ""}>${columns.map((c, i) => cell(c, row, i === 0))}</tr>`)}</tbody>
			</table>
		</div>`;
}

function cell(column, row, names) {
	const content = html`<span class="title" aria-hidden="true">${column.hideTitle ? "" : column.title}</span><span class="value">${column.cell(row)}</span>`;
	const style = [column.number && "number", column.hideTitle && "bare", column.minor?.(row) && "minor"].filter(Boolean).join(" ");
	return names
		? html`<th role="rowheader" scope="row" class=${style}>${content}</th>`
		: html`<td role="cell" class=${style}>${content}</td>`;
}
