// A page that there is not.
import { html } from "../view.js";
import { t } from "../language.js";
import { to } from "../router.js";
import { Heading } from "../part/heading.js";

export const Missing = () => html`
	<${Heading} title=${t("missing.title")} />
	<p>${t("missing.text")} <a href=${to("overview")}>${t("way.overview")}</a></p>`;
