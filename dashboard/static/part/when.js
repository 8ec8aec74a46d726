// A time: short to read, exact when asked.
import { html } from "../view.js";
import { moment, fullMoment, ago } from "../format.js";

export const When = ({ at, relative }) => (at
	? html`<time datetime=${at} title=${fullMoment(at)}>${relative ? ago(at) : moment(at)}</time>`
	: html`<span class="quiet">${relative ? ago(at) : "–"}</span>`);
