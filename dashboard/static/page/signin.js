// Showing the gateway who one is.
import { html, useState, useRef, useEffect } from "../view.js";
import { t } from "../language.js";
import { keepToken, forgetToken } from "../session.js";
import { get } from "../api.js";
import { Mark } from "../part/mark.js";
import { Preferences } from "../part/frame.js";
import { Trouble } from "../part/trouble.js";

export function SignIn({ onIn, expired }) {
	const [problem, set] = useState(null);
	const [busy, setBusy] = useState(false);
	const field = useRef(null);
	useEffect(() => {
		document.title = `${t("signin.title")} · Voorpoort`;
		field.current.focus();
	}, []);
	const submit = async (event) => {
		event.preventDefault();
		setBusy(true);
		keepToken(field.current.value.trim());
		try {
			await get("overview?window=60");
			onIn();
		} catch (refusal) {
			forgetToken();
			set(refusal);
			setBusy(false);
			field.current.focus();
		}
	};
	return html`
		<main class="sheet">
			<div class="brand big"><${Mark} /><span>Voorpoort</span></div>
			<h1 tabindex="-1">${t("signin.title")}</h1>
			<p class="lead">${t("signin.lead")}</p>
			${expired && !problem && html`<div class="trouble" role="alert"><p>${t("signin.expired")}</p></div>`}
			<${Trouble} problem=${problem} />
			<form onSubmit=${submit} aria-busy=${busy}>
				<label for="token">${t("signin.token")}</label>
				<input id="token" ref=${field} type="password" autocomplete="off" spellcheck="false" required
					aria-describedby="token-help" aria-invalid=${problem?.status === 401 ? "true" : undefined} />
				<small id="token-help">${t("signin.help")}</small>
				<button type="submit" disabled=${busy}>${t("signin.go")}</button>
			</form>
			<details><summary>${t("signin.how")}</summary><p>${t("signin.make")}</p>
				<pre tabindex="0"><code>voorpoort voorpoort token new</code></pre></details>
			<${Preferences} />
		</main>`;
}
