// The gate: the sign of the gateway.
import { html } from "../view.js";

export const Mark = () => html`
	<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
		<rect width="32" height="32" rx="7" />
		<path class="gate" d="M5 9h4v2.5h3V9h3v2.5h2V9h3v2.5h3V9h4v17h-7v-5a4 4 0 0 0-8 0v5H5z" />
		<path class="bars" d="M14.3 26v-5.6M17.7 26v-5.6M16 26v-6.3" />
	</svg>`;
