// What the receiver answered to a test.
import { html } from "../view.js";
import { t } from "../language.js";
import { milliseconds } from "../format.js";
import { Badge } from "./badge.js";
import { Reason } from "./reason.js";
import { Code } from "./code.js";

// The answer of the API names the attempt in "attempt"; OpenRegister's clients
// read "success", "message" and "error_details".
export function TestResult({ result }) {
	const row = (typeof result.attempt === "object" && result.attempt) || result.delivery || result.log || result;
	const status = row.statusCode ?? result.error_details?.status_code;
	return html`
		<section class="result" aria-label=${t("test.result")}>
			<p><${Badge} group="success" name=${result.success ? "success" : "failed"} /> ${status ? html`<code>${status}</code> ` : ""}${t(result.success ? "test.worked" : "test.failed")} ${!result.success && row.errorMessage && html`<${Reason} text=${row.errorMessage} />`} ${row.durationMs !== undefined && html`<span class="quiet">${milliseconds(row.durationMs)}</span>`}</p>
			${row.requestBody !== undefined && html`<div class="beside">
				<${Code} label=${t("message.request")} value=${row.requestBody} redacted=${row.redacted} />
				<${Code} label=${t("message.answer")} value=${row.responseBody ?? result.error_details?.response_body} redacted=${row.redacted} /></div>`}
			${row.requestBody === undefined && result.error_details?.response_body && html`<${Code} label=${t("message.answer")} value=${result.error_details.response_body} />`}
		</section>`;
}
