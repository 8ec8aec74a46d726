// The heading of a page, with what can be done there beside it.
import { html } from "../view.js";

export const Heading = ({ title, lead, children }) => html`
	<div class="heading">
		<div><h1 tabindex="-1">${title}</h1>${lead && html`<p class="lead">${lead}</p>`}</div>
		${children && html`<div class="actions">${children}</div>`}
	</div>`;
