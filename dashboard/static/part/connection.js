// Whether news comes in by itself.
import { html } from "../view.js";
import { t } from "../language.js";

export const Connection = ({ state }) => html`
	<span class="connection ${state}" role="status"><span aria-hidden="true">${state === "live" ? "●" : "○"}</span> ${t(`live.${state}`)}</span>`;
