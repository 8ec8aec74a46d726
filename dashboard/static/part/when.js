// A time: short to read, exact when asked.
import { html } from "../view.js";
import { t } from "../language.js";
import { moment, fullMoment, ago } from "../format.js";

export const When = ({ at, relative, never }) => (at
	? html`<time datetime=${at} title=${fullMoment(at)}>${relative ? ago(at) : moment(at)}</time>`
	: html`<span class="quiet">${never ? t("never") : "–"}</span>`);
