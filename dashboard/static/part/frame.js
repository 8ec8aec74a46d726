// What is around every page: the skip link, the gateway's name, the ways to go,
// the language and the colours.
import { html, useState, useEffect } from "../view.js";
import { t, languages, language, chooseLanguage } from "../language.js";
import { themes, theme, chooseTheme } from "../theme.js";
import { to } from "../router.js";
import { Mark } from "./mark.js";
import { Announcer } from "./announcer.js";

const ways = ["overview", "webhooks", "deliveries", "dead-letters", "interceptions", "holds", "check", "replay", "subscriptions"];

export function Frame({ page, onOut, children }) {
	const [open, setOpen] = useState(false);
	useEffect(() => setOpen(false), [page]);
	const skip = (event) => {
		event.preventDefault();
		document.querySelector("main h1")?.focus();
	};
	return html`
		<a class="skip" href="#main" onClick=${skip}>${t("frame.skip")}</a>
		<div class="frame">
			<header class="side">
				<div class="brand">
					<${Mark} /><span>Voorpoort</span>
					<button type="button" class="menu outline secondary" aria-expanded=${open} aria-controls="ways"
						onClick=${() => setOpen(!open)}>${t("frame.menu")}</button>
				</div>
				<div id="ways" class=${open ? "ways open" : "ways"}>
					<nav aria-label=${t("frame.ways")}>
						<ul>${ways.map((way) => html`
							<li><a href=${to(way)} aria-current=${way === page || (way === "deliveries" && page === "events") ? "page" : undefined}
								onClick=${() => setOpen(false)}>${t(`way.${way}`)}</a></li>`)}
						</ul>
					</nav>
					<${Preferences} />
					<button type="button" class="out outline secondary" onClick=${onOut}>${t("frame.out")}</button>
				</div>
			</header>
			<main id="main">${children}</main>
		</div>
		<${Announcer} />`;
}

// Preferences are the language and the colours.
export function Preferences() {
	return html`
		<div class="preferences">
			<label><span>${t("frame.language")}</span>
				<select value=${language()} onChange=${(e) => chooseLanguage(e.target.value)}>
					${Object.entries(languages).map(([code, name]) => html`<option value=${code} lang=${code}>${name}</option>`)}
				</select></label>
			<label><span>${t("frame.theme")}</span>
				<select value=${theme()} onChange=${(e) => chooseTheme(e.target.value)}>
					${themes.map((one) => html`<option value=${one}>${t(`theme.${one}`)}</option>`)}
				</select></label>
		</div>`;
}
