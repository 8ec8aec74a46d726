// Choosing one webhook, or all.
import { html } from "../view.js";
import { t } from "../language.js";
import { useLoad } from "../load.js";

// useWebhooks gives all webhooks that there are.
export function useWebhooks() {
	const { body } = useLoad("webhooks?_limit=1000");
	return body?.results ?? [];
}

export function WebhookChoice({ value, onChange, webhooks, none }) {
	return html`
		<label>${t("webhook")}
			<select value=${value} onChange=${(e) => onChange(e.target.value)}>
				<option value="">${none ?? t("all")}</option>
				${webhooks.map((w) => html`<option value=${String(w.id)}>${w.name}</option>`)}
			</select></label>`;
}
